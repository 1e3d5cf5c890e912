/** Namespaces, pods, Services, webhooks. */
import type { Pod } from '../../api/core/pod.ts';
import { violationsOf } from '../../apiserver/admission/pod-security/violations.ts';
import type { Check, Deviation } from './check.ts';
import type { Facts } from './facts.ts';

/** Namespaces of Kubernetes itself. */
const own = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

type Container = Pod['spec']['containers'][number];

function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** A check of the pods of others; pods of one owner are told of once. */
function podCheck(check: Omit<Check, 'look'>, judge: (pod: Pod, facts: Facts) => string | undefined): Check {
  return {
    ...check,
    look(facts) {
      const byOwner = new Map<string, { readonly deviation: Deviation; others: number }>();
      for (const pod of facts.objects.pods) {
        const { namespace = '', name, uid, ownerReferences = [] } = pod.metadata;
        if (own.has(namespace) || pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed') continue;
        const what = judge(pod, facts);
        if (what === undefined) continue;
        const owner = ownerReferences[0]?.uid ?? uid;
        const known = byOwner.get(`${owner} ${what}`);
        if (known) known.others += 1;
        else byOwner.set(`${owner} ${what}`, { deviation: { where: `Pod ${namespace}/${name}`, what }, others: 0 });
      }
      return [...byOwner.values()].map(({ deviation, others }) =>
        others === 0 ? deviation : { ...deviation, what: `${deviation.what}, and ${others} more of its kind` },
      );
    },
  };
}

function named(containers: readonly Container[], what: string): string | undefined {
  return containers.length === 0 ? undefined : `${what} (${containers.map(({ name }) => name).join(', ')})`;
}

/** Whether an image may be another tomorrow under the same name. */
function floats(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/:]+)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

/** Whether a pod has a token of the service account that it did not choose. */
function hasDefaultToken({ metadata, spec }: Pod, { objects }: Facts): boolean {
  if ((spec.serviceAccountName ?? 'default') !== 'default') return false;
  const account = objects.serviceAccounts.find(
    (one) => one.metadata.name === 'default' && one.metadata.namespace === metadata.namespace,
  );
  return (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken) !== false;
}

/** Webhooks of either kind that let everything pass when they can't be asked. */
function ignoredWebhooks({ objects }: Facts): readonly Deviation[] {
  const all = [
    ...objects.mutatingWebhooks.map((configuration) => ({ kind: 'MutatingWebhookConfiguration', configuration })),
    ...objects.validatingWebhooks.map((configuration) => ({ kind: 'ValidatingWebhookConfiguration', configuration })),
  ];
  return all.flatMap(({ kind, configuration: { metadata, webhooks = [] } }) => {
    const ignored = webhooks.filter(({ failurePolicy }) => failurePolicy === 'Ignore').map(({ name }) => name);
    if (ignored.length === 0) return [];
    return [{ where: `${kind} ${metadata.name}`, what: `failurePolicy Ignore of ${ignored.join(', ')}` }];
  });
}

const latest = Infinity;

/** Namespaces with pods that nothing holds to a level; for each is told to which level its pods keep without that. */
function unheldNamespaces({ objects, usualPodLevel }: Facts): readonly Deviation[] {
  return objects.namespaces.flatMap(({ metadata }) => {
    const pods = objects.pods.filter((pod) => pod.metadata.namespace === metadata.name);
    const said = metadata.labels?.['pod-security.kubernetes.io/enforce'];
    const level = said ?? usualPodLevel;
    if (own.has(metadata.name) || pods.length === 0 || level === 'baseline' || level === 'restricted') return [];
    const kept = (['restricted', 'baseline'] as const).find((one) =>
      pods.every((pod) => violationsOf({ level: one, version: latest }, pod).length === 0),
    );
    const what = said === undefined ? 'enforces no Pod Security level' : `enforces the level ${said}`;
    const keeping = kept === undefined ? 'some of its pods need more than baseline' : `its pods keep to ${kept}`;
    return [{ where: `Namespace ${metadata.name}`, what: `${what}; ${keeping}` }];
  });
}

/** See the file's first line. */
export const workloadChecks: readonly Check[] = [
  {
    name: 'namespace-pod-security',
    title: 'Namespaces with pods say what these may do',
    severity: 'medium',
    why: 'Whoever may make pods there may make privileged ones, which are root on their node: that is for the owner to decide.',
    fix: 'kubectl label namespace NAME pod-security.kubernetes.io/enforce=baseline (or restricted), or enforce a level wherever none is said (docs/security.md, Pods).',
    look: unheldNamespaces,
  },
  {
    name: 'namespace-network-policy',
    title: 'NetworkPolicies say who may reach pods',
    severity: 'low',
    why: 'Every pod reaches every other: who is in one is next to all.',
    fix: 'Make a NetworkPolicy per namespace, and use a network that enforces them: the built-in one does not.',
    look: ({ objects }) => {
      const guarded = new Set(objects.networkPolicies.map(({ metadata }) => metadata.namespace));
      const used = new Set(objects.pods.map(({ metadata }) => metadata.namespace ?? ''));
      return [...used]
        .filter((name) => !own.has(name) && !guarded.has(name))
        .map((name) => ({ where: `Namespace ${name}`, what: 'has pods and no NetworkPolicy' }));
    },
  },
  podCheck(
    {
      name: 'pod-privileged',
      title: 'Pods are not privileged',
      severity: 'high',
      why: 'Who breaks out of one, or into one, is root on the node.',
      fix: 'Take securityContext.privileged out; add the capabilities that are needed.',
    },
    (pod) =>
      named(
        containersOf(pod).filter(({ securityContext }) => securityContext?.privileged === true),
        'is privileged',
      ),
  ),
  podCheck(
    {
      name: 'pod-host-namespaces',
      title: "Pods do not share the node's namespaces",
      severity: 'high',
      why: "They see and reach the node's processes, memory or network, kubelets and metadata services among them.",
      fix: 'Take hostNetwork, hostPID and hostIPC out.',
    },
    ({ spec }) => {
      const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true);
      return shared.length === 0 ? undefined : `has ${shared.join(', ')}`;
    },
  ),
  podCheck(
    {
      name: 'pod-host-path',
      title: 'Pods mount nothing of the node',
      severity: 'high',
      why: "A hostPath volume shows, and mostly lets change, the node's files, other pods' Secrets among them.",
      fix: 'Use a PersistentVolumeClaim, a ConfigMap or an emptyDir.',
    },
    ({ spec }) => {
      const paths = (spec.volumes ?? []).flatMap(({ hostPath }) => (hostPath ? [hostPath.path] : []));
      return paths.length === 0 ? undefined : `mounts ${paths.join(', ')} of the node`;
    },
  ),
  podCheck(
    {
      name: 'pod-default-token',
      title: 'Pods that need no token have none',
      severity: 'low',
      why: 'Who is in the pod can act as the service account default of the namespace.',
      fix: 'Set automountServiceAccountToken: false on the pod, or on the service account default.',
    },
    (pod, facts) => (hasDefaultToken(pod, facts) ? 'has a token of the service account default' : undefined),
  ),
  podCheck(
    {
      name: 'pod-secrets-in-environment',
      title: 'Secrets are mounted, not put into the environment',
      severity: 'low',
      why: 'Programs print their environment, and hand it on to those that they start.',
      fix: 'Mount the Secret as a volume.',
    },
    (pod) =>
      named(
        containersOf(pod).filter(
          ({ env = [], envFrom = [] }) =>
            env.some(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined) ||
            envFrom.some(({ secretRef }) => secretRef !== undefined),
        ),
        'has Secrets in its environment',
      ),
  ),
  podCheck(
    {
      name: 'pod-image-latest',
      title: 'Images are named by version or digest',
      severity: 'low',
      why: 'What :latest is can change from one start to the next, and can not be told afterwards.',
      fix: 'Give a tag that says the version, or better a digest.',
    },
    (pod) => {
      const images = [...new Set(containersOf(pod).flatMap(({ image = '' }) => (floats(image) ? [image] : [])))];
      return images.length === 0 ? undefined : `runs ${images.join(', ')}`;
    },
  ),
  {
    name: 'service-external-ips',
    title: 'Services take no addresses of others',
    severity: 'high',
    why: 'externalIPs take traffic for any address, also such as is meant for others (CVE-2020-8554).',
    fix: 'Use a Service of type LoadBalancer, and leave DenyServiceExternalIPs on.',
    look: ({ objects }) =>
      objects.services
        .filter(({ spec }) => (spec.externalIPs ?? []).length > 0)
        .map(({ metadata, spec }) => ({
          where: `Service ${metadata.namespace}/${metadata.name}`,
          what: `has externalIPs ${(spec.externalIPs ?? []).join(', ')}`,
        })),
  },
  {
    name: 'webhook-failure-policy',
    title: 'Admission webhooks are not passed by when they are silent',
    severity: 'medium',
    why: 'Who makes one fail has everything pass that it would refuse.',
    fix: 'Set failurePolicy: Fail, and run the webhook more than once.',
    look: ignoredWebhooks,
  },
];
