import type { Service } from '../../api/core/service.ts';

/** The variables that name the services of a namespace, as Docker links did. Source: upstream pkg/kubelet/envvars. */
export function serviceEnvironment(services: readonly Service[]): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const service of services) addService(variables, service);
  return variables;
}

/** Which services a pod of `namespace` sees: its own namespace's if links are enabled, and always the API server's. */
export function visibleServices(
  services: readonly Service[],
  scope: { readonly namespace: string; readonly enableServiceLinks: boolean },
): readonly Service[] {
  const seen = new Map<string, Service>();
  for (const service of services) {
    const { name, namespace } = service.metadata;
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None') continue;
    if (namespace === scope.namespace && scope.enableServiceLinks) seen.set(name, service);
    else if (namespace === 'default' && name === 'kubernetes' && !seen.has(name)) seen.set(name, service);
  }
  return [...seen.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

function addService(variables: Map<string, string>, service: Service): void {
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const ip = service.spec.clusterIP ?? '';
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const [first] = service.spec.ports ?? [];
  if (!first) return;
  variables.set(`${prefix}_SERVICE_HOST`, ip);
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const port of service.spec.ports ?? []) {
    if (port.name)
      variables.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
  }
  variables.set(`${prefix}_PORT`, `${first.protocol.toLowerCase()}://${host}:${first.port}`);
  for (const { port, protocol } of service.spec.ports ?? []) {
    const name = `${prefix}_PORT_${port}_${protocol}`;
    const lower = protocol.toLowerCase();
    variables.set(name, `${lower}://${host}:${port}`);
    variables.set(`${name}_PROTO`, lower);
    variables.set(`${name}_PORT`, String(port));
    variables.set(`${name}_ADDR`, ip);
  }
}
