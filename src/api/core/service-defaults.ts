/** Defaults of Services that depend on other fields. Source: kubernetes' core/v1 SetDefaults_Service. */
import type { Writable } from '../../machinery/schema.ts';
import { isExternallyAccessible } from './service-traffic-validation.ts';
import type { Service } from './service.ts';

const affinitySeconds = 10_800;

/** Fills in what follows from other fields; addresses and node ports come from the allocators. */
export function defaultService({ spec, status }: Writable<Service>): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  else
    spec.sessionAffinityConfig = {
      clientIP: { timeoutSeconds: affinitySeconds, ...spec.sessionAffinityConfig?.clientIP },
    };
  for (const port of spec.ports ?? []) {
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  const isReachable = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ||= 'Cluster';
  if (isReachable || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of status.loadBalancer.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
  }
}
