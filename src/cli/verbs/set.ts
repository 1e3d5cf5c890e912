import { defineVerb } from '../command/verb.ts';

/** `kubectl set` */
export const set = defineVerb({
  usage: 'set SUBCOMMAND',
  long: `Configure application resources.

 These commands help you make changes to existing application resources.`,
  flags: {},
  subcommands: [
    {
      name: 'env',
      short: 'Update environment variables on a pod template',
      load: async () => (await import('./set/env.ts')).setEnv,
    },
    {
      name: 'image',
      short: 'Update the image of a pod template',
      load: async () => (await import('./set/image.ts')).setImage,
    },
    {
      name: 'resources',
      short: 'Update resource requests/limits on objects with pod templates',
      load: async () => (await import('./set/resources.ts')).setResources,
    },
    {
      name: 'serviceaccount',
      aliases: ['sa'],
      short: 'Update the service account of a resource',
      load: async () => (await import('./set/serviceaccount.ts')).setServiceAccount,
    },
  ],
});
