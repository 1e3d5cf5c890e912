import { verbHelp } from '../command/help-text.ts';
import { defineVerb } from '../command/verb.ts';

/** `kubectl certificate` */
export const certificate = defineVerb({
  usage: 'certificate SUBCOMMAND',
  long: 'Modify certificate resources.',
  flags: {},
  subcommands: [
    {
      name: 'approve',
      short: 'Approve a certificate signing request',
      load: async () => (await import('./certificate/answer.ts')).certificateApprove,
    },
    {
      name: 'deny',
      short: 'Deny a certificate signing request',
      load: async () => (await import('./certificate/answer.ts')).certificateDeny,
    },
  ],
  // Unlike other verbs with verbs below them, it takes whatever else it is told for a question how it is used.
  run: async ({ io, command }) => void io.stdout.write(verbHelp(certificate, command)),
});
