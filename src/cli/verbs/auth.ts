import { defineVerb } from '../command/verb.ts';

/** `kubectl auth` */
export const auth = defineVerb({
  usage: 'auth',
  long: 'Inspect authorization.',
  flags: {},
  subcommands: [
    {
      name: 'can-i',
      short: 'Check whether an action is allowed',
      load: async () => (await import('./auth/can-i.ts')).canI,
    },
    {
      name: 'whoami',
      short: 'Experimental: Check self subject attributes',
      load: async () => (await import('./auth/whoami.ts')).whoami,
    },
  ],
});
