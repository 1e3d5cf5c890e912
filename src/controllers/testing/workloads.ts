import type { Deployment, DeploymentSpec } from '../../api/apps/deployment.ts';
import type { ReplicaSet } from '../../api/apps/replica-set.ts';
import type { Pod } from '../../api/core/pod.ts';
import type { Service } from '../../api/core/service.ts';
import type { DraftObject } from '../../machinery/resource.ts';

/** What tests usually vary of a deployment. */
export interface DeploymentOptions {
  readonly replicas?: number;
  readonly image?: string;
  readonly strategy?: DeploymentSpec['strategy'];
  readonly spec?: Partial<DeploymentSpec>;
}

/** A deployment `web` whose pods carry `app=web`. */
export function deploymentOf({ replicas = 1, image = 'web:1', strategy, spec }: DeploymentOptions = {}) {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
      ...(strategy === undefined ? {} : { strategy }),
      ...spec,
    },
  };
}

/** The same deployment with another image. */
export function withImage(deployment: Deployment, image: string): Deployment {
  const { template } = deployment.spec;
  const containers = template.spec.containers.map((container) => ({ ...container, image }));
  return {
    ...deployment,
    spec: { ...deployment.spec, template: { ...template, spec: { ...template.spec, containers } } },
  };
}

/** A pod `app=web` with one container that has a port `http`. */
export function podOf(
  name: string,
  options: {
    readonly node?: string;
    readonly labels?: Record<string, string>;
    readonly spec?: Partial<Pod['spec']>;
  } = {},
) {
  const ports = [{ name: 'http', containerPort: 8080, protocol: 'TCP' as const }];
  return {
    metadata: { name, namespace: 'default', labels: options.labels ?? { app: 'web' } },
    spec: { nodeName: options.node, containers: [{ name: 'c', image: 'i', ports }], ...options.spec },
  };
}

/** A service `web` in front of `app=web`. */
export function serviceOf(spec: Partial<Service['spec']> = {}) {
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP: '10.96.0.10',
      selector: { app: 'web' },
      ports: [{ name: 'web', port: 80, targetPort: 'http', protocol: 'TCP' as const }],
      ...spec,
    },
  };
}

/** A stored object's metadata for pure tests. */
export function metaOf(name: string, extra: Partial<Pod['metadata']> = {}): Pod['metadata'] {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  return { name, namespace: 'default', uid: `uid-${name}`, resourceVersion: '1', creationTimestamp, ...extra };
}

/** `name=replicas` of replica sets, without those at zero; for comparisons that read well. */
export function sizesOf(sets: readonly ReplicaSet[]): readonly number[] {
  return sets.map(({ spec }) => spec.replicas).filter((replicas) => replicas > 0);
}

/** Anything that clients may send, as tests build it. */
export type Draft = DraftObject;
