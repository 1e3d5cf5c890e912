/** The pods, services and configuration that workloads.test.ts looks at: what they are is said once, here. */
import { busyboxImage, webImage } from './test-images.ts';

/** An object as kubectl applies it. */
export type Manifest = Readonly<Record<string, unknown>>;

type Spec = Readonly<Record<string, unknown>>;

const sleep = ['sleep', '1000'];

/** A pod of one busybox container; `container` and `spec` win over the defaults. */
export function pod(name: string, container: Spec = {}, spec: Spec = {}, labels: Spec = {}): Manifest {
  const containers = [{ name: 'main', image: busyboxImage, command: sleep, ...container }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name, ...labels } },
    spec: { terminationGracePeriodSeconds: 1, containers, ...spec },
  };
}

/** A container's command line for the shell. */
export const shell = (script: string): readonly string[] => ['sh', '-c', script];

const mounted = (name: string, mountPath: string, rest: Spec = {}): Spec => ({ name, mountPath, ...rest });
const initContainer = (name: string, script: string, rest: Spec = {}): Spec => ({
  name,
  image: busyboxImage,
  command: shell(script),
  ...rest,
});
const onLog = { volumeMounts: [mounted('log', '/log')] };

const configuration: readonly Manifest[] = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { first: 'one', second: 'two' },
    binaryData: { bytes: 'AAEC' },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, stringData: { user: 'me', word: 'pass' } },
];

const statuses: readonly Manifest[] = [
  pod(
    'init-order',
    { command: shell('cat /log/log; sleep 1000'), ...onLog },
    {
      initContainers: [
        initContainer('first', 'echo first >> /log/log', onLog),
        initContainer('sidecar', 'echo sidecar >> /log/log; trap "exit 0" TERM; while :; do sleep 0.1; done', {
          ...onLog,
          restartPolicy: 'Always',
          startupProbe: { exec: { command: ['grep', 'sidecar', '/log/log'] }, periodSeconds: 1 },
        }),
        initContainer('second', 'echo second >> /log/log', onLog),
      ],
      volumes: [{ name: 'log', emptyDir: {} }],
    },
  ),
  pod('init-fails', {}, { initContainers: [initContainer('bad', 'exit 3')] }),
  pod('init-fails-once', {}, { initContainers: [initContainer('bad', 'exit 3')], restartPolicy: 'Never' }),
  pod('crash', { command: shell('echo out; echo bye > /dev/termination-log; exit 5') }),
  pod('done', { command: shell('echo one; echo two') }, { restartPolicy: 'OnFailure' }),
  pod(
    'second-try',
    { command: shell('[ -e /log/x ] && exit 0; touch /log/x; exit 1'), ...onLog },
    { restartPolicy: 'OnFailure', volumes: [{ name: 'log', emptyDir: {} }] },
  ),
  pod(
    'last-words',
    { command: shell('echo last words; exit 6'), terminationMessagePolicy: 'FallbackToLogsOnError' },
    { restartPolicy: 'Never' },
  ),
  pod('no-command', { command: ['/nope'] }),
  pod('no-image', { image: 'kubets.local/nothing:1', command: undefined }),
  pod('never-pulled', { image: 'kubets.local/nothing:1', imagePullPolicy: 'Never' }),
  pod('bad-image-name', { image: 'kubets.local/NOT:1:2' }),
  pod('no-config-map', { envFrom: [{ configMapRef: { name: 'none' } }] }),
  pod('no-volume', { volumeMounts: [mounted('v', '/v')] }, { volumes: [{ name: 'v', configMap: { name: 'none' } }] }),
  pod('root', { securityContext: { runAsNonRoot: true } }),
  pod(
    'greedy',
    { command: ['tail', '/dev/zero'], resources: { limits: { memory: '16Mi' } } },
    { restartPolicy: 'Never' },
  ),
  pod('too-long', {}, { activeDeadlineSeconds: 2 }),
  pod('forbidden', {}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '8192' }] } }),
];

const fieldOf = (name: string, fieldPath: string): Spec => ({ name, valueFrom: { fieldRef: { fieldPath } } });

const environment = pod(
  'environment',
  {
    envFrom: [
      { configMapRef: { name: 'settings' } },
      { prefix: 'S_', secretRef: { name: 'secret' } },
      { configMapRef: { name: 'none', optional: true } },
    ],
    env: [
      { name: 'FROM_KEY', valueFrom: { configMapKeyRef: { name: 'settings', key: 'first' } } },
      { name: 'EXPANDED', value: '$(FROM_KEY)-$(NONE)-$$(FROM_KEY)' },
      { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'secret', key: 'none', optional: true } } },
      fieldOf('POD', 'metadata.name'),
      fieldOf('NAMESPACE', 'metadata.namespace'),
      fieldOf('LABEL', "metadata.labels['app']"),
      fieldOf('NODE', 'spec.nodeName'),
      fieldOf('ACCOUNT', 'spec.serviceAccountName'),
      fieldOf('IP', 'status.podIP'),
      { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MEBIBYTES', valueFrom: { resourceFieldRef: { resource: 'requests.memory', divisor: '1Mi' } } },
    ],
    resources: { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1500m', memory: '64Mi' } },
    volumeMounts: [
      mounted('settings', '/settings'),
      mounted('items', '/items'),
      mounted('settings', '/part/first', { subPath: 'first' }),
      mounted('secret', '/secret'),
      mounted('memory', '/memory'),
      mounted('about', '/about'),
      mounted('all', '/all'),
      mounted('optional', '/optional'),
      mounted('host', '/host', { readOnly: true }),
    ],
  },
  {
    hostname: 'called',
    subdomain: 'headless',
    hostAliases: [{ ip: '192.0.2.1', hostnames: ['alias.example'] }],
    dnsConfig: {
      nameservers: ['192.0.2.53'],
      searches: ['example.org'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    },
    volumes: [
      { name: 'settings', configMap: { name: 'settings' } },
      {
        name: 'items',
        configMap: {
          name: 'settings',
          defaultMode: 0o400,
          items: [
            { key: 'first', path: 'deep/first' },
            { key: 'second', path: 'second', mode: 0o755 },
          ],
        },
      },
      { name: 'secret', secret: { secretName: 'secret', defaultMode: 0o440 } },
      { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '8Mi' } },
      { name: 'about', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      { name: 'optional', secret: { secretName: 'none', optional: true } },
      { name: 'host', hostPath: { path: '/etc', type: 'Directory' } },
      {
        name: 'all',
        projected: {
          sources: [
            { configMap: { name: 'settings', items: [{ key: 'first', path: 'first' }] } },
            { secret: { name: 'secret' } },
            { serviceAccountToken: { path: 'token', audience: 'someone', expirationSeconds: 700 } },
          ],
        },
      },
    ],
  },
);

const capabilities = "grep -E 'CapBnd|NoNewPrivs' /proc/self/status";
const users: readonly Manifest[] = [
  pod(
    'owner',
    {
      command: shell(`${capabilities}; touch /own/x /part/x; touch /x; sleep 1000`),
      securityContext: {
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      },
      volumeMounts: [mounted('own', '/own'), mounted('own', '/part', { subPath: 'a/b' })],
    },
    {
      shareProcessNamespace: true,
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 2000,
        fsGroup: 3000,
        supplementalGroups: [4000],
        sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '7' }],
      },
      volumes: [{ name: 'own', emptyDir: {} }],
    },
  ),
  pod(
    'user-part',
    {
      command: shell(
        'touch /part/x && cat /var/run/secrets/kubernetes.io/serviceaccount/token > /part/token; sleep 1000',
      ),
      volumeMounts: [mounted('own', '/part', { subPath: 'a/b' })],
    },
    { securityContext: { runAsUser: 1000 }, volumes: [{ name: 'own', emptyDir: {} }] },
  ),
  pod('privileged', { command: shell(`${capabilities}; sleep 1000`), securityContext: { privileged: true } }),
  pod('host', {}, { hostNetwork: true, hostPID: true }),
  pod('resources', {
    resources: { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } },
  }),
  pod('guaranteed', { resources: { limits: { cpu: '100m', memory: '64Mi' } } }),
];

const exec = (script: string): Spec => ({ exec: { command: shell(script) } });
const eachSecond = { periodSeconds: 1, failureThreshold: 1 };

const probes: readonly Manifest[] = [
  pod('live-exec', { livenessProbe: { ...exec('echo bad; exit 1'), ...eachSecond } }),
  pod('live-http', {
    image: webImage,
    command: undefined,
    livenessProbe: { httpGet: { path: '/none', port: 80 }, initialDelaySeconds: 1, ...eachSecond },
  }),
  pod('no-probe', { livenessProbe: { exec: { command: ['/none'] }, ...eachSecond } }),
  pod('slow', {
    command: shell('sleep 3; touch /tmp/ok; sleep 1000'),
    livenessProbe: { ...exec('cat /tmp/ok'), ...eachSecond },
    startupProbe: { ...exec('cat /tmp/ok'), periodSeconds: 1, failureThreshold: 20 },
  }),
  pod('unready', { readinessProbe: { tcpSocket: { port: 81 }, ...eachSecond } }),
  pod('ungrpc', { readinessProbe: { grpc: { port: 81 }, ...eachSecond } }),
  pod('bad-start', { lifecycle: { postStart: exec('exit 2') } }),
];

/** Where a pod's hooks write on the machine. */
export const hooksLog = (directory: string): Manifest =>
  pod(
    'hooks',
    {
      command: shell('trap "echo term >> /log/log; exit 0" TERM; while :; do sleep 0.1; done'),
      lifecycle: { postStart: exec('sleep 0.5; echo start >> /log/log'), preStop: exec('echo stop >> /log/log') },
      ...onLog,
    },
    {
      terminationGracePeriodSeconds: 20,
      volumes: [{ name: 'log', hostPath: { path: directory, type: 'DirectoryOrCreate' } }],
    },
  );

const web = (name: string, labels: Spec, container: Spec = {}, spec: Spec = {}): Manifest =>
  pod(name, { image: webImage, command: undefined, ...container }, spec, labels);

const service = (name: string, spec: Spec): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: spec.type === 'ExternalName' ? spec : { ports: [{ name: 'http', port: 80 }], ...spec },
});

const network: readonly Manifest[] = [
  web(
    'web',
    { tier: 'web' },
    {
      ports: [{ name: 'http', containerPort: 80, hostPort: 8088 }],
      readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 },
      livenessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
    },
    { hostname: 'web', subdomain: 'headless' },
  ),
  web('other', { tier: 'web' }),
  pod('client'),
  service('web', { type: 'NodePort', selector: { app: 'web' } }),
  service('headless', { clusterIP: 'None', selector: { app: 'web' } }),
  service('sticky', { selector: { tier: 'web' }, sessionAffinity: 'ClientIP' }),
  service('nobody', { selector: { app: 'nobody' } }),
  service('not-ready', { selector: { app: 'unready' } }),
  service('elsewhere', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
];

const talk: readonly Manifest[] = [
  pod(
    'two',
    { name: 'one', command: shell('i=0; while :; do echo one $i; i=$((i+1)); sleep 0.2; done') },
    {
      containers: ['one', 'two'].map((name) => ({
        name,
        image: busyboxImage,
        command: shell(`i=0; while :; do echo ${name} $i; i=$((i+1)); sleep 0.2; done`),
      })),
    },
  ),
  pod(
    'stubborn',
    { command: shell('trap "" TERM; while :; do sleep 0.1; done') },
    { terminationGracePeriodSeconds: 2 },
  ),
  pod('forced', { command: shell('trap "" TERM; while :; do sleep 0.1; done') }, { terminationGracePeriodSeconds: 60 }),
  pod(
    'willing',
    { command: shell('trap "exit 0" TERM; while :; do sleep 0.1; done') },
    { terminationGracePeriodSeconds: 60 },
  ),
];

/** Asks the API who it is, with its own token, over the service's name and the cluster's certificate. */
export const selfReview = pod('self', {
  image: 'kubets.local/kubets:1',
  command: [
    '/usr/bin/node',
    '-e',
    `const { readFileSync } = require('node:fs'); const read = (name) => readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/' + name, 'utf8');
     const kind = { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' };
     const request = require('node:https').request({ host: 'kubernetes.default.svc', method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', ca: read('ca.crt'),
       headers: { authorization: 'Bearer ' + read('token'), 'content-type': 'application/json' } }, (answer) => answer.on('data', (part) => console.log(String(part))));
     request.end(JSON.stringify(kind)); setInterval(() => {}, 1000);`,
  ],
});

/** Everything that is applied at the start. */
export const workloads: readonly Manifest[] = [
  ...configuration,
  ...network,
  ...statuses,
  environment,
  ...users,
  ...probes,
  ...talk,
  selfReview,
];

/** A deployment of busybox pods. */
export function deployment(name: string, spec: Spec = {}, container: Spec = {}): Manifest {
  const template = pod(name, container);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: template.metadata, spec: template.spec },
      ...spec,
    },
  };
}
