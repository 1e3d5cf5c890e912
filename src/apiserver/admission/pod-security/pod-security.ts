/** Holds pods to what their namespace demands. Source: pod-security-admission's admission package, 1.36. */
import { CronJob } from '../../../api/batch/cron-job.ts';
import { DaemonSet } from '../../../api/apps/daemon-set.ts';
import { Deployment } from '../../../api/apps/deployment.ts';
import { Job } from '../../../api/batch/job.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import type { PodTemplateSpec } from '../../../api/core/pod-spec.ts';
import { PodTemplate } from '../../../api/core/pod-template.ts';
import { ReplicaSet } from '../../../api/apps/replica-set.ts';
import { ReplicationController } from '../../../api/core/replication-controller.ts';
import { StatefulSet } from '../../../api/apps/stateful-set.ts';
import { andThen } from '../../../base/and-then.ts';
import { StatusError, messageOf } from '../../../base/errors.ts';
import { decodeStruct } from '../../../machinery/decode.ts';
import { fieldErrorText } from '../../../machinery/field-error.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import { refusal } from '../refusal.ts';
import type { CheckedPod } from './check.ts';
import { PodSecurityConfiguration, defaultPolicy } from './configuration.ts';
import { checkNamespace } from './namespace-check.ts';
import type { NamespaceRules } from './namespace-check.ts';
import { isPrivileged, levelVersionText, namespacePolicy, prefix } from './policy.ts';
import type { PodSecurityMetrics } from './pod-security-metrics.ts';
import type { Mode, NamespacePolicy, Policy } from './policy.ts';
import { isSignificantUpdate } from './significant-update.ts';
import { detailsText, violationsOf } from './violations.ts';

/** Paths under a pod by which what it is does not change. */
const harmless: ReadonlySet<string> = new Set([
  'exec',
  'attach',
  'binding',
  'eviction',
  'log',
  'portforward',
  'proxy',
  'status',
]);

type WithTemplate = { readonly spec: { readonly template?: PodTemplateSpec | undefined } };

/** Where kinds that make pods keep how these are to be. */
const templates: ReadonlyMap<string, (object: unknown) => PodTemplateSpec | undefined> = new Map([
  ...[Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, ReplicationController].map(
    ({ qualified }) => [qualified, (object: unknown) => (object as WithTemplate).spec.template] as const,
  ),
  [PodTemplate.qualified, (object: unknown) => (object as PodTemplate).template],
  [CronJob.qualified, (object: unknown) => (object as CronJob).spec.jobTemplate.spec.template],
]);

interface Rules extends NamespaceRules {
  readonly exemptUsers: ReadonlySet<string>;
  readonly metrics?: PodSecurityMetrics | undefined;
  policyOf(namespace: Namespace): NamespacePolicy;
}

/** Upstream's PodSecurity. Without a configuration it demands nothing where namespaces' labels don't. */
export function createPodSecurity(
  configuration?: PodSecurityConfiguration,
  metrics?: PodSecurityMetrics,
): AdmissionPlugin {
  const rules = { ...rulesOf(configuration ?? unconfigured()), metrics };
  return {
    name: 'PodSecurity',
    concerns: [Namespace.qualified, Pod.qualified, ...templates.keys()],
    validate(request, context) {
      const { operation, resource, attributes } = request;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      if (resource.qualified === Namespace.qualified) return checkNamespace(request, context, rules);
      if (resource.qualified === Pod.qualified) {
        return harmless.has(attributes.subresource) ? undefined : checkPod(request, context, rules);
      }
      const template = attributes.subresource === '' ? templates.get(resource.qualified) : undefined;
      return template && checkTemplate(request, context, { rules, template });
    },
  };
}

function unconfigured(): PodSecurityConfiguration {
  return decodeStruct(PodSecurityConfiguration.node, {}, { version: 'v1', kind: 'PodSecurityConfiguration' })
    .object as PodSecurityConfiguration;
}

function rulesOf(configuration: PodSecurityConfiguration): Rules {
  const { namespaces, runtimeClasses, usernames } = configuration.exemptions;
  const defaults = defaultPolicy(configuration);
  const known = new WeakMap<Namespace, NamespacePolicy>();
  return {
    defaults,
    exemptNamespaces: new Set(namespaces),
    exemptRuntimeClasses: new Set(runtimeClasses),
    exemptUsers: new Set(usernames),
    policyOf(namespace) {
      let policy = known.get(namespace);
      if (!policy) known.set(namespace, (policy = namespacePolicy(namespace.metadata.labels, defaults)));
      return policy;
    },
  };
}

function checkPod(request: AdmissionRequest, context: AdmissionContext, rules: Rules): void | Promise<void> {
  if (isExempt(request, rules)) return;
  return andThen(counted(namespaceOf(request, context), request, rules), (namespace) => {
    const { policy, errors } = rules.policyOf(namespace);
    if (errors.length === 0 && isPrivileged(policy)) {
      rules.metrics?.evaluated(request, { mode: 'enforce', policy: policy.enforce, isAllowed: true });
      return annotate(request, 'enforce-policy', 'privileged:latest');
    }
    const pod = request.object as unknown as Pod;
    if (request.operation === 'UPDATE' && !isSignificantUpdate(pod, request.old as Pod)) return;
    judge(request, pod, { rules, policy: { policy, errors }, enforced: true });
  });
}

function checkTemplate(
  request: AdmissionRequest,
  context: AdmissionContext,
  { rules, template }: { readonly rules: Rules; readonly template: (object: unknown) => PodTemplateSpec | undefined },
): void | Promise<void> {
  if (isExempt(request, rules)) return;
  return andThen(knownNamespace(request, context, rules), (namespace) => {
    if (!namespace) return;
    const policy = rules.policyOf(namespace);
    if (policy.errors.length === 0 && isPrivileged(policy.policy, ['audit', 'warn'])) return;
    const pod = template(request.object);
    if (pod) judge(request, pod, { rules, policy, enforced: false });
  });
}

function isExempt(request: AdmissionRequest, { exemptNamespaces, exemptUsers, metrics }: Rules): boolean {
  const { namespace, user } = request.attributes;
  const reason = exemptNamespaces.has(namespace) ? 'namespace' : exemptUsers.has(user.name) ? 'user' : undefined;
  if (reason !== undefined) {
    annotate(request, 'exempt', reason);
    metrics?.exempted(request);
  }
  return reason !== undefined;
}

/** The namespace of a request; it may have been made a moment ago, through another server. */
function namespaceOf(
  { attributes }: AdmissionRequest,
  { find, client }: AdmissionContext,
): Namespace | Promise<Namespace> {
  const { namespace: name } = attributes;
  return (
    find(Namespace, { name }) ??
    client.get(Namespace, { name }).catch((cause: unknown) => {
      const message = `Internal error occurred: failed to lookup namespace ${JSON.stringify(name)}`;
      throw new StatusError('InternalError', message, { cause });
    })
  );
}

/** Counts it when a namespace can't be found. */
function counted(
  namespace: Namespace | Promise<Namespace>,
  request: AdmissionRequest,
  { metrics }: Rules,
): Namespace | Promise<Namespace> {
  if (!(namespace instanceof Promise)) return namespace;
  return namespace.catch((error: unknown) => {
    metrics?.failed(request, true);
    throw error;
  });
}

/** The namespace of a request that is not refused whatever is in it. */
function knownNamespace(
  request: AdmissionRequest,
  context: AdmissionContext,
  rules: Rules,
): Namespace | undefined | Promise<Namespace | undefined> {
  const namespace = counted(namespaceOf(request, context), request, rules);
  if (!(namespace instanceof Promise)) return namespace;
  return namespace.catch((error: unknown) => {
    annotate(request, 'error', messageOf(error));
    return undefined;
  });
}

interface Judging {
  readonly rules: Rules;
  readonly policy: NamespacePolicy;
  /** Of templates only is said what would be refused. */
  readonly enforced: boolean;
}

function judge(request: AdmissionRequest, pod: CheckedPod, { rules, policy: stated, enforced }: Judging): void {
  const { metrics } = rules;
  if (rules.exemptRuntimeClasses.has(pod.spec.runtimeClassName ?? '')) {
    metrics?.exempted(request);
    return annotate(request, 'exempt', 'runtimeClass');
  }
  const { policy, errors } = stated;
  if (errors.length > 0) {
    metrics?.failed(request, false);
    const texts = errors.map(fieldErrorText);
    annotate(request, 'error', `Failed to parse policy: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`);
  }
  const found = wrongWith(pod);
  const wrong = (mode: Mode): string | undefined => {
    const violation = found(policy[mode]);
    // What is allowed is counted where it could have been refused.
    if (mode === 'enforce' || violation)
      metrics?.evaluated(request, { mode, policy: policy[mode], isAllowed: !violation });
    return violation;
  };
  if (enforced) annotate(request, 'enforce-policy', levelVersionText(policy.enforce));
  const audited = wrong('audit');
  if (audited) annotate(request, 'audit-violations', `would violate ${audited}`);
  const refused = enforced ? wrong('enforce') : undefined;
  if (refused) throw refusal(request, `violates ${refused}`);
  const warned = wrong('warn');
  if (warned) request.warnings?.push(`would violate ${warned}`);
}

/** What a pod breaks of levels, in words; what was found of one is not looked for again. */
function wrongWith(pod: CheckedPod): (wanted: Policy['enforce']) => string | undefined {
  const found = new Map<string, string | undefined>();
  return (wanted) => {
    const name = levelVersionText(wanted);
    if (!found.has(name)) {
      const violations = violationsOf(wanted, pod);
      found.set(name, violations.length === 0 ? undefined : `PodSecurity "${name}": ${detailsText(violations)}`);
    }
    return found.get(name);
  };
}

function annotate(request: AdmissionRequest, key: string, value: string): void {
  request.annotate?.(prefix + key, value);
}
