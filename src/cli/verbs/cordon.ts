import { defineVerb } from '../command/verb.ts';
import { cordonNodes } from '../nodes/cordon-nodes.ts';
import { dryRunFlags, selectorFlag } from './shared-flags.ts';

const flags = { ...dryRunFlags, ...selectorFlag } as const;

/** `kubectl cordon` */
export const cordon = defineVerb({
  usage: 'cordon NODE',
  long: 'Mark node as unschedulable.',
  examples: `# Mark node "foo" as unschedulable
kubectl cordon foo`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    await cordonNodes(session, io, {
      names: args,
      selector: given.selector,
      dryRun: given['dry-run'],
      schedulable: false,
      command,
    });
  },
});

/** `kubectl uncordon` */
export const uncordon = defineVerb({
  usage: 'uncordon NODE',
  long: 'Mark node as schedulable.',
  examples: `# Mark node "foo" as schedulable
kubectl uncordon foo`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    await cordonNodes(session, io, {
      names: args,
      selector: given.selector,
      dryRun: given['dry-run'],
      schedulable: true,
      command,
    });
  },
});
