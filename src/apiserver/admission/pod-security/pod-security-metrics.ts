/** What is counted of PodSecurity, under upstream's names. Source: pod-security-admission's metrics. */
import type { Cell, MetricRegistry } from '../../../base/metrics/metric-registry.ts';
import { Namespace } from '../../../api/core/namespace.ts';
import { Pod } from '../../../api/core/pod.ts';
import type { AdmissionRequest } from '../../ports.ts';
import type { LevelVersion } from './policy.ts';

/** One look at a pod. */
export interface Evaluation {
  readonly mode: 'enforce' | 'audit' | 'warn';
  readonly policy: LevelVersion;
  readonly isAllowed: boolean;
}

/** What PodSecurity counts. */
export interface PodSecurityMetrics {
  evaluated(request: AdmissionRequest, evaluation: Evaluation): void;
  exempted(request: AdmissionRequest): void;
  /** `isFatal`: the request was not judged. */
  failed(request: AdmissionRequest, isFatal: boolean): void;
}

/** Makes the counters. Nearly all pods are in namespaces that demand nothing: their cells are kept. */
export function podSecurityMetrics(metrics: MetricRegistry): PodSecurityMetrics {
  const about = ['request_operation', 'resource', 'subresource'];
  const evaluations = metrics.counter({
    name: 'pod_security_evaluations_total',
    help: 'Number of policy evaluations that occurred, not counting ignored or exempt requests.',
    labels: ['decision', 'policy_level', 'policy_version', 'mode', ...about],
  });
  const exemptions = metrics.counter({
    name: 'pod_security_exemptions_total',
    help: 'Number of exempt requests, not counting ignored or out of scope requests.',
    labels: about,
  });
  const errors = metrics.counter({
    name: 'pod_security_errors_total',
    help: 'Number of errors preventing normal evaluation. Non-fatal errors may result in the latest restricted profile being used for evaluation.',
    labels: ['fatal', ...about],
  });
  const usual = (operation: string): Cell =>
    evaluations.of('allow', 'privileged', 'latest', 'enforce', operation, 'pod', '');
  const [created, updated] = [usual('create'), usual('update')];
  return {
    evaluated(request, { mode, policy: { level, version }, isAllowed }) {
      const labels = labelsOf(request);
      const [operation, resource, subresource] = labels;
      if (level === 'privileged' && mode === 'enforce' && resource === 'pod' && subresource === '') {
        (operation === 'create' ? created : updated).value++;
        return;
      }
      evaluations.of(isAllowed ? 'allow' : 'deny', level, versionLabel({ level, version }), mode, ...labels).value++;
    },
    exempted: (request) => void exemptions.of(...labelsOf(request)).value++,
    failed: (request, isFatal) => void errors.of(String(isFatal), ...labelsOf(request)).value++,
  };
}

/** The newest version of which levels are known. */
const ownMinor = 36;

/** Namespaces may name any version: those to come are one. What is privileged is so in all versions. */
function versionLabel({ level, version }: LevelVersion): string {
  if (level === 'privileged' || version === Infinity) return 'latest';
  return version > ownMinor ? 'future' : `v1.${version}`;
}

type Labels = readonly [operation: string, resource: string, subresource: string];

function labelsOf({ operation, resource, attributes: { subresource } }: AdmissionRequest): Labels {
  const { qualified } = resource;
  const kind = qualified === Pod.qualified ? 'pod' : qualified === Namespace.qualified ? 'namespace' : 'controller';
  return [operation === 'CREATE' ? 'create' : 'update', kind, subresource];
}
