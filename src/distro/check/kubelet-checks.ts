/** How kubelets are set up. */
import type { Check, Deviation } from './check.ts';
import type { Facts } from './facts.ts';

type Flags = Readonly<Record<string, string>>;

/** What the flags of kubelets on this machine say. */
function deviating({ kubeletFlags }: Facts, judge: (flags: Flags) => string | undefined): readonly Deviation[] {
  return Object.entries(kubeletFlags ?? {}).flatMap(([node, flags]) => {
    const what = judge(flags);
    return what === undefined ? [] : [{ where: `kubelet of ${node}`, what }];
  });
}

/** See the file's first line. */
export const kubeletChecks: readonly Check[] = [
  {
    name: 'kubelet-anonymous',
    title: 'Kubelets answer nobody without credentials',
    severity: 'critical',
    why: 'Whoever reaches the port runs commands in every container of the node.',
    fix: 'Start kubelets with --anonymous-auth=false (authentication.anonymous.enabled: false).',
    look(facts) {
      const reached = facts.probes.kubelets.filter(({ anonymousStatus }) => anonymousStatus !== undefined);
      if (reached.length === 0 && !facts.kubeletFlags) return undefined;
      const answering = reached.filter(({ anonymousStatus = 0 }) => anonymousStatus !== 401);
      return [
        ...answering.map(({ node, anonymousStatus }) => ({
          where: `kubelet of ${node}`,
          what: `answers ${anonymousStatus} to who has no credentials`,
        })),
        ...deviating(facts, (flags) => (flags['anonymous-auth'] === 'true' ? '--anonymous-auth=true' : undefined)),
      ];
    },
  },
  {
    name: 'kubelet-authorization',
    title: 'Kubelets ask the API server who may do what',
    severity: 'critical',
    why: 'With AlwaysAllow every service account runs commands in every container of the node.',
    fix: 'Start kubelets with --authorization-mode=Webhook.',
    look: (facts) =>
      facts.kubeletFlags &&
      deviating(facts, (flags) =>
        flags['authorization-mode'] === 'AlwaysAllow' ? '--authorization-mode=AlwaysAllow' : undefined,
      ),
  },
  {
    name: 'kubelet-read-only-port',
    title: 'Kubelets have no port without authentication',
    severity: 'high',
    why: 'Pods, with their environment, can be read by whoever reaches port 10255.',
    fix: 'Start kubelets with --read-only-port=0.',
    look({ probes }) {
      const open = probes.kubelets.filter(({ readOnlyPortOpen }) => readOnlyPortOpen);
      if (probes.kubelets.length === 0) return undefined;
      return open.map(({ node }) => ({ where: `kubelet of ${node}`, what: 'port 10255 is open' }));
    },
  },
  {
    name: 'kubelet-rotate-certificates',
    title: 'Kubelets renew their certificates',
    severity: 'medium',
    why: 'The node stops when the certificate ends, and long lives invite theft.',
    fix: 'Start kubelets with --rotate-certificates.',
    look: (facts) =>
      facts.kubeletFlags &&
      deviating(facts, (flags) =>
        flags['rotate-certificates'] === 'false' ? '--rotate-certificates=false' : undefined,
      ),
  },
];
