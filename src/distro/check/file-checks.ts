/** Files of the cluster on this machine. */
import type { Check, Deviation } from './check.ts';
import type { FileFact } from './facts.ts';

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** A check of the files of one kind: the permission bits of `forbidden` must not be there. */
function modeCheck(check: Omit<Check, 'look'>, kind: FileFact['kind'], forbidden: number): Check {
  return {
    ...check,
    look: ({ files }) =>
      files
        ?.filter((file) => file.kind === kind && (file.mode & forbidden) !== 0)
        .map(({ path, mode }): Deviation => ({ where: path, what: `has mode ${octal(mode)}` })),
  };
}

/** Days before the end from which on a certificate is near it: by then it should have been renewed. */
const nearTheEnd = 30;

/** See the file's first line. */
export const fileChecks: readonly Check[] = [
  modeCheck(
    {
      name: 'file-secrets',
      title: "Keys, tokens, kubeconfigs, the store and its snapshots are their owner's alone",
      severity: 'critical',
      why: 'Who reads one of them is an administrator of the cluster, or a node.',
      fix: 'chmod go= on the file.',
    },
    'secret',
    0o077,
  ),
  modeCheck(
    {
      name: 'file-configuration',
      title: 'Certificates, manifests and configuration can be written by their owner alone',
      severity: 'high',
      why: 'A static pod or another authority is all that it takes to own the node.',
      fix: 'chmod go-w on the file.',
    },
    'config',
    0o022,
  ),
  modeCheck(
    {
      name: 'file-runtime-socket',
      title: "containerd's socket is not open to everybody",
      severity: 'critical',
      why: 'Who can use it is root on this machine.',
      fix: 'chmod o= on the socket.',
    },
    'socket',
    // Who may not write to a socket can't connect to it.
    0o002,
  ),
  {
    name: 'file-owner',
    title: 'The files of the cluster belong to root',
    severity: 'high',
    why: 'Their owner can read and change them whatever their mode.',
    fix: 'chown root on the file.',
    look: ({ files }) =>
      files?.filter(({ uid }) => uid !== 0).map(({ path, uid }) => ({ where: path, what: `belongs to user ${uid}` })),
  },
  {
    name: 'certificate-end',
    title: 'No certificate is near its end',
    severity: 'high',
    why: 'What is signed with it is not believed any more from then on.',
    fix: 'kubets certs renew; of an authority: kubets certs rotate-ca.',
    look: ({ certificates }) =>
      certificates
        ?.filter(({ daysLeft }) => daysLeft < nearTheEnd)
        .map(({ file, subject, daysLeft }) => ({
          where: file,
          what: `${subject} ${daysLeft < 0 ? 'has ended' : `ends in ${daysLeft} days`}`,
        })),
  },
];
