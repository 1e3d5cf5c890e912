import { expect, test } from 'vitest';
import { Pod } from '../../../api/core/pod.ts';
import { decodeObject } from '../../../machinery/decode.ts';
import { parseVersion } from './policy.ts';
import type { Level } from './policy.ts';
import { detailsText, reasonsText, violationsOf } from './violations.ts';

const a = { name: 'a', image: 'i:1' };
const b = { name: 'b', image: 'i:1' };

/** What a pod does that a level forbids; `spec` has one container `a` unless it says otherwise. */
function violations(level: Level, version: string, spec: object, annotations: object = {}): string {
  const pod = decodeObject(Pod, {
    metadata: { name: 'p', annotations },
    spec: { containers: [a], ...spec },
  }).object;
  return detailsText(violationsOf({ level, version: parseVersion(version) ?? NaN }, pod));
}

/** A container with this security context. */
const secured = (securityContext: object, base: object = a): object => ({ ...base, securityContext });
const only = (securityContext: object): object => ({ containers: [secured(securityContext)] });
const two = (securityContext: object): object => ({
  containers: [secured(securityContext)],
  initContainers: [secured(securityContext, b)],
});
const probed = (host: string): object => ({ httpGet: { port: 1, host } });

test.each<[string, object, string]>([
  ['v1.0', {}, ''],
  ['v1.0', { hostNetwork: true }, 'host namespaces (hostNetwork=true)'],
  [
    'latest',
    { hostNetwork: true, hostPID: true, hostIPC: true },
    'host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)',
  ],
  ['latest', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }, 'hostPath volumes (volume "v")'],
  ['latest', { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] }, ''],
  [
    'latest',
    {
      containers: [
        {
          ...a,
          ports: [
            { containerPort: 1, hostPort: 8 },
            { containerPort: 2, hostPort: 10 },
          ],
        },
      ],
    },
    'hostPort (container "a" uses hostPorts 10, 8)',
  ],
  [
    'latest',
    { containers: [a, b].map((one) => ({ ...one, ports: [{ containerPort: 1, hostPort: 80 }] })) },
    'hostPort (containers "a", "b" use hostPort 80)',
  ],
  ['v1.33', { containers: [{ ...a, livenessProbe: probed('h') }] }, ''],
  [
    'v1.34',
    { containers: [{ ...a, livenessProbe: probed('h') }] },
    'probe or lifecycle host (container "a" uses probe or lifecycle host "h")',
  ],
  [
    'latest',
    {
      containers: [
        { ...b, lifecycle: { preStop: { tcpSocket: { port: 1, host: '::1' } } } },
        { ...a, readinessProbe: probed('x'), startupProbe: probed('') },
      ],
    },
    'probe or lifecycle host (containers "a", "b" use probe or lifecycle hosts "::1", "x")',
  ],
  ['latest', { containers: [{ ...a, lifecycle: { postStart: { exec: { command: ['x'] } } } }] }, ''],
  ['v1.0', only({ privileged: true }), 'privileged (container "a" must not set securityContext.privileged=true)'],
  ['v1.0', only({ privileged: false }), ''],
  [
    'v1.0',
    only({ procMount: 'Unmasked' }),
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'v1.34',
    { hostUsers: false, ...only({ procMount: 'Unmasked' }) },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  ['v1.35', { hostUsers: false, ...only({ procMount: 'Unmasked' }) }, ''],
  ['latest', only({ procMount: 'Default' }), ''],
  [
    'latest',
    { securityContext: { seLinuxOptions: { type: 'x', user: 'u', role: 'r' } } },
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "x"; user may not be set; role may not be set)',
  ],
  [
    'latest',
    { securityContext: { seLinuxOptions: { type: 'y' } }, ...only({ seLinuxOptions: { type: 'x' } }) },
    'seLinuxOptions (pod and container "a" set forbidden securityContext.seLinuxOptions: types "x", "y")',
  ],
  [
    'v1.30',
    only({ seLinuxOptions: { type: 'container_engine_t' } }),
    'seLinuxOptions (container "a" set forbidden securityContext.seLinuxOptions: type "container_engine_t")',
  ],
  ['v1.31', only({ seLinuxOptions: { type: 'container_engine_t', level: 's0' } }), ''],
  [
    'latest',
    two({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } }),
    'non-default capabilities (containers "b", "a" must not include "NET_RAW", "SYS_ADMIN" in securityContext.capabilities.add)',
  ],
  ['v1.0', only({ seccompProfile: { type: 'Unconfined' } }), ''],
  [
    'v1.19',
    only({ seccompProfile: { type: 'Unconfined' } }),
    'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'latest',
    { securityContext: { seccompProfile: { type: 'Unconfined' } }, ...two({ seccompProfile: { type: 'Unconfined' } }) },
    'seccompProfile (pod and containers "b", "a" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  [
    'v1.26',
    { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }] } },
    'forbidden sysctls (net.ipv4.ip_local_reserved_ports)',
  ],
  ['v1.27', { securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_reserved_ports', value: '1' }] } }, ''],
  ['v1.29', { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }] } }, ''],
  [
    'v1.31',
    {
      securityContext: {
        sysctls: [
          { name: 'net.ipv4.tcp_rmem', value: '1' },
          { name: 'kernel.shm_rmid_forced', value: '1' },
          { name: 'kernel.msgmax', value: '1' },
        ],
      },
    },
    'forbidden sysctls (net.ipv4.tcp_rmem, kernel.msgmax)',
  ],
  ['v1.32', { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }, ''],
  [
    'latest',
    { securityContext: { windowsOptions: { hostProcess: true } }, ...only({ windowsOptions: { hostProcess: true } }) },
    'hostProcess (pod and container "a" must not set securityContext.windowsOptions.hostProcess=true)',
  ],
  [
    'latest',
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")',
  ],
  ['latest', only({ appArmorProfile: { type: 'RuntimeDefault' } }), ''],
  [
    'latest',
    { ephemeralContainers: [secured({ privileged: true }, b)] },
    'privileged (container "b" must not set securityContext.privileged=true)',
  ],
  [
    'latest',
    { hostPID: true, ...only({ privileged: true }) },
    'host namespaces (hostPID=true), privileged (container "a" must not set securityContext.privileged=true)',
  ],
])('baseline as of %s, of a pod with %j: %s', (version, spec, expected) => {
  expect(violations('baseline', version, spec)).toBe(expected);
});

const appArmor = 'container.apparmor.security.beta.kubernetes.io/a';
const seccomp = 'seccomp.security.alpha.kubernetes.io/pod';

test.each<[string, Record<string, string>, object, string]>([
  ['v1.0', { [appArmor]: 'localhost/x' }, {}, ''],
  [
    'v1.0',
    { [appArmor]: 'unconfined' },
    {},
    `forbidden AppArmor profile (annotation must not set AppArmor profile type to "${appArmor}="unconfined"")`,
  ],
  [
    'latest',
    { [appArmor]: 'x' },
    { securityContext: { appArmorProfile: { type: 'Unconfined' } } },
    `forbidden AppArmor profiles (pod and annotation must not set AppArmor profile type to "Unconfined", "${appArmor}="x"")`,
  ],
  ['v1.0', { [seccomp]: 'docker/default' }, {}, ''],
  ['v1.0', { [seccomp]: 'unconfined' }, {}, `seccompProfile (forbidden annotation ${seccomp}="unconfined")`],
  [
    'v1.18',
    { [seccomp]: 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/a': '' },
    {},
    `seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="", ${seccomp}="unconfined")`,
  ],
  ['v1.19', { [seccomp]: 'unconfined' }, {}, ''],
])('baseline as of %s, of annotations %j', (version, annotations, spec, expected) => {
  expect(violations('baseline', version, spec, annotations)).toBe(expected);
});

/** As the level restricted wants it. */
const good = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const without = (name: keyof typeof good, more: object = {}): object => only({ ...good, [name]: undefined, ...more });

test.each<[string, object, string]>([
  ['latest', only(good), ''],
  ['v1.0', only({ runAsNonRoot: true }), ''],
  [
    'latest',
    {},
    'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  ['v1.7', without('allowPrivilegeEscalation'), ''],
  [
    'v1.8',
    two({ runAsNonRoot: true }),
    'allowPrivilegeEscalation != false (containers "b", "a" must set securityContext.allowPrivilegeEscalation=false)',
  ],
  ['v1.21', without('capabilities'), ''],
  [
    'v1.22',
    only({ ...good, capabilities: { drop: ['KILL'], add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
    'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]; ' +
      'container "a" must not include "CHOWN" in securityContext.capabilities.add)',
  ],
  ['latest', only({ ...good, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }), ''],
  ['v1.18', without('seccompProfile'), ''],
  [
    'v1.19',
    without('seccompProfile'),
    'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  ['latest', { securityContext: { seccompProfile: { type: 'Localhost' } }, ...without('seccompProfile') }, ''],
  [
    'latest',
    only({ ...good, seccompProfile: { type: 'Unconfined' } }),
    'seccompProfile (container "a" must not set securityContext.seccompProfile.type to "Unconfined")',
  ],
  ['latest', { securityContext: { runAsNonRoot: true }, ...without('runAsNonRoot') }, ''],
  [
    'latest',
    { securityContext: { runAsNonRoot: false }, ...only(good) },
    'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)',
  ],
  [
    'latest',
    { securityContext: { runAsNonRoot: true }, ...two({ ...good, runAsNonRoot: false }) },
    'runAsNonRoot != true (containers "b", "a" must not set securityContext.runAsNonRoot=false)',
  ],
  ['v1.22', { securityContext: { runAsUser: 0 }, ...only(good) }, ''],
  ['v1.23', { securityContext: { runAsUser: 0 }, ...only(good) }, 'runAsUser=0 (pod must not set runAsUser=0)'],
  ['latest', only({ ...good, runAsUser: 0 }), 'runAsUser=0 (container "a" must not set runAsUser=0)'],
  ['latest', only({ ...good, runAsUser: 1 }), ''],
  [
    'v1.34',
    { hostUsers: false, ...only({ ...good, runAsUser: 0 }) },
    'runAsUser=0 (container "a" must not set runAsUser=0)',
  ],
  ['v1.35', { hostUsers: false, ...only({ ...good, runAsUser: 0, runAsNonRoot: false }) }, ''],
  [
    'latest',
    { hostUsers: false, ...only({ ...good, procMount: 'Unmasked' }) },
    'procMount (container "a" must not set securityContext.procMount to "Unmasked")',
  ],
  [
    'v1.0',
    { ...only(good), volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    'restricted volume types (volume "v" uses restricted volume type "hostPath")',
  ],
  [
    'latest',
    {
      ...only(good),
      volumes: [
        { name: 'v', nfs: { server: 's', path: '/' } },
        { name: 'w', emptyDir: {} },
        { name: 'x', iscsi: { targetPortal: 't', iqn: 'i', lun: 0 } },
      ],
    },
    'restricted volume types (volumes "v", "x" use restricted volume types "iscsi", "nfs")',
  ],
  [
    'v1.24',
    { os: { name: 'windows' }, ...only({ runAsNonRoot: true }) },
    'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
      'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  ],
  ['v1.25', { os: { name: 'windows' }, ...only({ runAsNonRoot: true }) }, ''],
  [
    'latest',
    { hostNetwork: true, ...without('runAsNonRoot') },
    'host namespaces (hostNetwork=true), ' +
      'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true)',
  ],
])('restricted as of %s, of a pod with %j: %s', (version, spec, expected) => {
  expect(violations('restricted', version, spec)).toBe(expected);
});

test.each([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])('restricted allows volumes of type %s', (type) => {
  expect(violations('restricted', 'latest', { ...only(good), volumes: [{ name: 'v', [type]: {} }] })).toBe('');
});

test('privileged demands nothing, and versions to come are as the newest', () => {
  const spec = { hostUsers: false, hostPID: true, ...only({ procMount: 'Unmasked' }) };
  expect(violations('privileged', 'latest', spec)).toBe('');
  expect(violations('baseline', 'v1.999', spec)).toBe('host namespaces (hostPID=true)');
});

test('the reasons alone are short', () => {
  const { object } = decodeObject(Pod, {
    metadata: { name: 'p' },
    spec: { hostPID: true, ...only({ privileged: true }) },
  });
  expect(reasonsText(violationsOf({ level: 'baseline', version: Infinity }, object))).toBe(
    'host namespaces, privileged',
  );
});
