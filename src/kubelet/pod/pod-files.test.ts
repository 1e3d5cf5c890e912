import { describe, expect, test } from 'vitest';
import { Pod } from '../../api/core/pod.ts';
import type { Pod as PodObject } from '../../api/core/pod.ts';
import { decodeObject } from '../../machinery/decode.ts';
import { hostsFile } from './hosts-file.ts';
import { podDns } from './pod-dns.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { checkNonRoot, containerSecurityContext } from './security-context.ts';

function podOf(spec: object): PodObject {
  return decodeObject(Pod, {
    metadata: { name: 'web-0', namespace: 'shop', uid: 'u' },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  }).object;
}

const settings = {
  clusterDNS: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  nodeResolvConf: 'search lan\nnameserver 192.0.2.53 # router\noptions timeout:1 # slow\n',
};

describe('resolv.conf', () => {
  test('asks the cluster first, and knows the node’s domains too', () => {
    expect(podDns(podOf({}), settings)).toEqual({
      servers: ['10.96.0.10'],
      searches: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan'],
      options: ['ndots:5'],
    });
  });

  test('is the node’s for dnsPolicy Default, and for pods on its network unless they ask for the cluster’s', () => {
    const node = { servers: ['192.0.2.53'], searches: ['lan'], options: ['timeout:1'] };
    expect(podDns(podOf({ dnsPolicy: 'Default' }), settings)).toEqual(node);
    expect(podDns(podOf({ hostNetwork: true }), settings)).toEqual(node);
    expect(podDns(podOf({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }), settings).servers).toEqual([
      '10.96.0.10',
    ]);
  });

  test('takes dnsConfig on top, whose options win by name', () => {
    const dnsConfig = {
      nameservers: ['1.1.1.1'],
      searches: ['x.org', 'lan'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    };
    expect(podDns(podOf({ dnsConfig }), settings)).toMatchObject({
      servers: ['10.96.0.10', '1.1.1.1'],
      options: ['ndots:2', 'edns0'],
    });
    expect(podDns(podOf({ dnsPolicy: 'None', dnsConfig }), settings)).toEqual({
      servers: ['1.1.1.1'],
      searches: ['x.org', 'lan'],
      options: ['ndots:2', 'edns0'],
    });
  });
});

describe('/etc/hosts', () => {
  test('names the pod by hostname and subdomain, and holds its aliases', () => {
    const pod = podOf({
      hostname: 'box',
      subdomain: 'boxes',
      hostAliases: [{ ip: '192.0.2.7', hostnames: ['a', 'b'] }],
    });
    const text = hostsFile(pod, { podIPs: ['10.0.0.5'], clusterDomain: 'cluster.local', nodeHosts: '' });
    expect(text).toMatch(/^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/);
    expect(text).toContain('\n10.0.0.5\tbox.boxes.shop.svc.cluster.local\tbox\n');
    expect(text).toMatch(/\n\n# Entries added by HostAliases\.\n192\.0\.2\.7\ta\tb\n$/);
  });

  test('is the node’s on the node’s network', () => {
    const text = hostsFile(podOf({ hostNetwork: true }), {
      podIPs: ['192.0.2.1'],
      clusterDomain: 'x',
      nodeHosts: '127.0.0.1\tlocalhost\n',
    });
    expect(text).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n');
  });
});

describe('security', () => {
  const context = (spec: object, own: object = {}, user: { uid?: number; username?: string } = {}) => {
    const pod = podOf({ ...spec, containers: [{ name: 'c', image: 'i', securityContext: own }] });
    const image = { uid: user.uid, username: user.username ?? '' };
    const namespaces = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } as const;
    return {
      pod,
      image,
      made: containerSecurityContext(pod, pod.spec.containers[0]!, { namespaces, image, seccompRoot: '/sec' }),
    };
  };

  test('a container’s own settings win over its pod’s', () => {
    const { made } = context(
      {
        securityContext: {
          runAsUser: 1,
          fsGroup: 9,
          supplementalGroups: [8],
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
      {
        runAsUser: 2,
        runAsGroup: 3,
        allowPrivilegeEscalation: false,
        seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' },
      },
    );
    expect(made).toMatchObject({
      runAsUser: 2,
      runAsGroup: 3,
      noNewPrivs: true,
      supplementalGroups: [8, 9],
      seccomp: { type: 'Localhost', localhostRef: '/sec/p.json' },
    });
    expect(made.maskedPaths).toContain('/proc/kcore');
  });

  test('a privileged container sees all paths and is not confined', () => {
    const { made } = context({ securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }, { privileged: true });
    expect(made).toMatchObject({
      privileged: true,
      maskedPaths: [],
      readonlyPaths: [],
      seccomp: { type: 'Unconfined' },
    });
  });

  test('runAsNonRoot refuses root, and users that only have a name', () => {
    const check =
      (own: object, user: { uid?: number; username?: string } = {}) =>
      () => {
        const { pod, image } = context({}, { runAsNonRoot: true, ...own }, user);
        checkNonRoot(pod, pod.spec.containers[0]!, image);
      };
    expect(check({})).toThrow(
      'container has runAsNonRoot and image will run as root (pod: "web-0_shop(u)", container: c)',
    );
    expect(check({}, { username: 'www' })).toThrow('image has non-numeric user (www), cannot verify user is non-root');
    expect(check({ runAsUser: 0 })).toThrow("container's runAsUser breaks non-root policy");
    expect(check({ runAsUser: 5 })).not.toThrow();
    expect(check({}, { uid: 7 })).not.toThrow();
  });
});

test('a sandbox knows its host ports, hostname, sysctls and whether any container is privileged', () => {
  const pod = podOf({
    hostname: 'box',
    securityContext: { sysctls: [{ name: 'net.core.somaxconn', value: '9' }] },
    containers: [
      {
        name: 'c',
        image: 'i',
        ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }],
        securityContext: { privileged: true },
      },
    ],
  });
  const made = sandboxConfig({
    pod,
    attempt: 1,
    logDirectory: '/logs',
    cgroupParent: '/k',
    dns: { servers: [], searches: [], options: [] },
    clusterDomain: 'x',
    seccompRoot: '/s',
  });
  expect(made).toMatchObject({
    hostname: 'box',
    portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: 8080, hostIP: '' }],
    linux: {
      sysctls: { 'net.core.somaxconn': '9' },
      securityContext: { privileged: true, namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } },
    },
  });
  const onNode = sandboxConfig({
    pod: { ...pod, spec: { ...pod.spec, hostNetwork: true } },
    attempt: 0,
    logDirectory: '',
    cgroupParent: '',
    dns: { servers: [], searches: [], options: [] },
    clusterDomain: 'x',
    seccompRoot: '',
  });
  expect([onNode.hostname, onNode.portMappings]).toEqual(['', []]);
});
