import { defineVerb } from '../command/verb.ts';
import type { Service } from '../../api/core/service.ts';
import { createClusterReader } from '../resource/cluster-reader.ts';
import { knownResources } from '../resource/known-resources.ts';
import { asKind } from '../resource/kube-object.ts';

/** `kubectl cluster-info` */
export const clusterInfo = defineVerb({
  usage: 'cluster-info',
  long: `Display addresses of the control plane and services with label kubernetes.io/cluster-service=true. To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.`,
  examples: `# Print the address of the control plane and cluster services
kubectl cluster-info`,
  flags: {},
  async run({ session, io }) {
    const server = session.target.server.href.replace(/\/$/, '');
    const read = createClusterReader(session.connection);
    const services = await read.list(knownResources.Service, {
      namespace: session.namespace.explicit ? session.namespace.name : 'kube-system',
      labelSelector: 'kubernetes.io/cluster-service=true',
    });
    const line = (name: string, url: string): void => {
      const [green, yellow, plain] = io.stdout.isTTY ? ['\x1b[0;32m', '\x1b[0;33m', '\x1b[0m'] : ['', '', ''];
      io.stdout.write(`${green}${name}${plain} is running at ${yellow}${url}${plain}\n`);
    };
    line('Kubernetes control plane', server);
    for (const { metadata, spec } of (services ?? []).map((service) => asKind<Service>(service))) {
      const [port] = spec.ports ?? [];
      const scheme = port?.name === 'https' || port?.port === 443 ? 'https:' : '';
      const named = `${scheme}${metadata.name}${port?.name || scheme ? `:${port?.name ?? ''}` : ''}`;
      const name = metadata.labels?.['kubernetes.io/name'] || metadata.name;
      line(name, `${server}/api/v1/namespaces/${metadata.namespace}/services/${named}/proxy`);
    }
    io.stdout.write(`\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n`);
  },
});
