/** Our kubectl and upstream's say the same of the same server, byte for byte. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../api/testing/sample-objects.ts';
import { startTestCluster } from './test-cluster.ts';
import type { CommandResult, TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
const seed = readFileSync(new URL('./objects.yaml', import.meta.url), 'utf8');

beforeAll(async () => {
  cluster = await startTestCluster();
  writeFileSync(join(cluster.directory, 'objects.yaml'), seed);
  expect(await cluster.ours(['create', 'serviceaccount', 'default'])).toMatchObject({ code: 0 });
  const deprecated = 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\n';
  expect(await cluster.ours(['apply', '-f', 'objects.yaml'])).toMatchObject({ code: 0, stderr: deprecated });
  const status = {
    phase: 'Running',
    hostIP: '10.0.0.9',
    podIP: '10.244.0.5',
    podIPs: [{ ip: '10.244.0.5' }],
    startTime: '2026-01-01T00:00:00Z',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False' },
    ],
    containerStatuses: [
      {
        name: 'main',
        image: 'nginx',
        imageID: 'sha256:2',
        containerID: 'containerd://2',
        ready: false,
        restartCount: 2,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        lastState: {
          terminated: {
            exitCode: 137,
            signal: 9,
            reason: 'OOMKilled',
            startedAt: '2026-01-01T00:00:00Z',
            finishedAt: '2026-01-01T00:00:01Z',
          },
        },
      },
      {
        name: 'side',
        image: 'busybox',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff' } },
        lastState: {},
      },
    ],
  };
  const patch = JSON.stringify({ status });
  expect(
    await cluster.ours(['patch', 'pod', 'full', '--subresource=status', '--type=merge', '-p', patch]),
  ).toMatchObject({ code: 0 });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

/** Ages pass between the two runs, and map order is upstream's dice. */
function comparable({ code, stdout, stderr }: CommandResult): CommandResult {
  const ageless = (text: string): string =>
    text.replaceAll(/\b(?:\d+m)?\d+s\b *|\b\d+m\b *(?=\S|$)/gm, 'AGE ').replaceAll(/ +$/gm, '');
  const told = stderr
    .split('\n')
    .filter((line) => !/^[EW]\d{4} /.test(line))
    .join('\n');
  return { code, stdout: ageless(stdout), stderr: told };
}

async function same(args: readonly string[], stdin?: string): Promise<CommandResult> {
  const options = stdin === undefined ? {} : { stdin };
  const [theirs, ours] = await Promise.all([cluster.theirs(args, options), cluster.ours(args, options)]);
  expect(comparable(ours)).toEqual(comparable(theirs));
  return comparable(ours);
}

describe('the same as upstream:', () => {
  test.each(
    [
      ...[
        'pods',
        'svc',
        'deploy',
        'rs',
        'ns',
        'cm',
        'secret',
        'sa',
        'no',
        'roles',
        'rolebindings',
        'clusterroles',
        'ep',
        'endpointslices',
        'lease',
        'events',
      ].flatMap((type) => [`get ${type}`, `get ${type} -A -o wide --show-labels`]),
      'get all',
      'get all -A',
      'get pods,svc',
      'get pod/full svc/svc',
      'get pods -L app,tier --show-labels',
      'get pods -l app=full',
      'get pods -l app=none',
      'get pods -A -l app=none',
      'get pods --no-headers --show-kind',
      'get pods --sort-by=.metadata.name',
      'get pods -o name',
      'get pod full -o yaml',
      'get pods -o yaml',
      'get pods -o kyaml',
      'get cm,secret,node,deploy -A -o kyaml',
      'get pods,svc -o json',
      'get pod full -o json --show-managed-fields',
      'get pods -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image,NONE:.nope',
      'get pods -o jsonpath={.items[*].metadata.name}',
      'get pods -o jsonpath-as-json={.items[*].metadata.name}',
      'get pods -o go-template={{range.items}}{{.metadata.name}}{{end}}',
      'get pods nope',
      'get pods nope full',
      'get pod nope --ignore-not-found',
      'get pods,nope',
      'get pods svc/x',
      'get pod full -A',
      'get pods -o nope',
      'get nope',
      'get pods --field-selector nope=x',
      'get deploy -l a=b,,',
      'get',
      'get -f objects.yaml',
      'get -f nope.yaml',
      'get --raw /version',
      'get pods --context=nope',
      'get pods --kubeconfig=/nope/nope',
    ].map((line) => [line]),
  )('%s', async (line) => {
    await same(line.split(' '));
  });

  test.each(
    [
      'pods/full',
      'svc/svc',
      'svc/headless',
      'deploy/web',
      'rs/rs',
      'node/node-1',
      'secret/sec',
      'sa/sa1',
      'sa/default',
      'role/r',
      'rolebinding/rb',
      'endpointslice/svc-1',
      'ep/svc',
      'ns/default',
      'clusterrole/admin',
      'pod nope',
      'pods -l app=none',
      'pod fu',
    ].map((what) => [what]),
  )('describe %s', async (what) => {
    await same(['describe', ...what.split(' ')]);
  });

  test.each(
    [
      'api-resources',
      'api-resources -o wide',
      'api-resources --namespaced=false -o name',
      'api-versions',
      'cluster-info',
      'config view',
      'config get-contexts',
      'config current-context',
      'config use-context nope',
      'auth can-i get pods',
      'auth can-i get pods --as=nobody',
      'auth can-i --list --as=system:serviceaccount:default:default',
      'auth whoami',
      'top pod',
      'explain pods',
      'explain deploy.spec',
      'explain pod.spec.containers',
      'explain pod.spec.nodeSelector',
      'explain service.spec.ports.targetPort',
      'explain svc.spec.type',
      'explain pod.nope',
      'explain nope',
      'rollout history deploy/web',
      'rollout status deploy/web --watch=false',
      'rollout status pod/full',
      'rollout undo deploy/web',
      'logs nope',
      'logs',
      'logs full -c nope',
      'exec full',
      'exec nope -- ls',
      'exec full ls',
      'port-forward full',
      'port-forward svc/svc 99',
      'wait pod/full --for=condition=PodScheduled',
      'wait pod/full --for=jsonpath={.status.phase}=Running',
      'wait pod/nope --for=condition=Ready',
      'wait pod/nope --for=delete',
      'wait pod/full',
      'events',
      'drain nope',
      'cordon',
    ].map((line) => [line]),
  )('%s', async (line) => {
    await same(line.split(' '));
  });

  test.each(
    [
      'create ns foo -o yaml',
      'create deploy web --image=a --image=b --port=80 -o kyaml -- a -b',
      'create cm x --from-literal=a=b --from-file=objects.yaml -o kyaml',
      'create deploy web --image=nginx:1 --replicas=3 --port=80 -n foo -o yaml',
      'create deploy web --image=a --image=b -o json',
      'create cm x --from-literal=a=b --from-file=objects.yaml -o yaml',
      'create secret generic s --from-literal=a=b -o yaml',
      'create secret docker-registry s --docker-username=a --docker-password=b -o yaml',
      'create svc clusterip s --tcp=80:8080 --tcp=90 -o yaml',
      'create svc nodeport s --tcp=80:http --node-port=30000 -o json',
      'create svc externalname s --external-name=a.b -o yaml',
      'create sa s -o name',
      'create role r --verb=get,list --resource=pods,deployments.apps -o yaml',
      'create clusterrole r --verb=get --non-resource-url=/logs/* -o yaml',
      'create rolebinding r --role=x --user=a --group=b --serviceaccount=n:s -o json',
      'create clusterrolebinding r --clusterrole=x --user=a -o yaml',
      'create -f objects.yaml -o name',
      'run x --image=nginx --port=80 --env=A=b --restart=Never -o yaml',
      'run x --image=nginx -o json -- a b',
      'expose deploy web --port=80 --target-port=8080 --type=NodePort -o yaml',
      'expose pod full --name=x -o json',
      'label pod full a=b -o yaml',
      'set image deploy/web nginx=nginx:9 -o name',
      'scale deploy/web --replicas=9 -o name',
      'delete pod full',
      'delete ns default',
      'delete pods --all -o name',
      'delete pod full --force --grace-period=0',
      'delete -f objects.yaml',
      'replace -f objects.yaml',
      'apply -f objects.yaml',
    ].map((line) => [line]),
  )('--dry-run=client %s', async (line) => {
    const [verbs, rest] = line.split(' -- ');
    await same([
      ...(verbs ?? '').split(' '),
      '--dry-run=client',
      ...(rest === undefined ? [] : ['--', ...rest.split(' ')]),
    ]);
  });

  test.each(
    [
      'create ns',
      'create deploy x',
      'create',
      'create nope',
      'create cm x --from-literal=a',
      'create ns default',
      'create cm cm',
      'delete',
      'delete pod',
      'delete pod nope',
      'delete nope x',
      'label pod full',
      'label pod nope a=b',
      'label pod full app=other',
      'scale deploy/web --replicas=3 --current-replicas=9',
      'set image deploy/web nope=x',
      'set image deploy/nope a=b',
      'patch deploy web --type=nope -p {}',
      'run x',
      'expose deploy nope --port=1',
      'taint node node-1 a=b:NoSchedule',
      'taint node node-1 nope-',
      'apply',
      'apply -f nope.yaml',
      'replace',
      'get pods --nope',
      'gett',
      'create deplo',
      'rollout stat',
      'sett',
      'config views',
      'get pods -o',
    ].map((line) => [line]),
  )('the mistake in: %s', async (line) => {
    const theirs = comparable(await cluster.theirs(line.split(' ')));
    const ours = comparable(await cluster.ours(line.split(' ')));
    // cobra prints missing flags through klog; what matters is that both fail.
    if (theirs.stderr !== '') expect(ours).toEqual(theirs);
    else expect(ours.code).toBe(theirs.code);
  });

  test('a deployment is made, scaled, updated and deleted with the same words', async () => {
    const steps = (name: string): readonly string[] => [
      `create deploy ${name} --image=nginx:1`,
      `scale --replicas=2 deployment/${name}`,
      `set image deploy/${name} nginx=nginx:2`,
      `label deploy ${name} a=b`,
      `label deploy ${name} a-`,
      `annotate deploy ${name} note=x`,
      `rollout restart deploy/${name}`,
      `rollout pause deploy/${name}`,
      `rollout pause deploy/${name}`,
      `rollout resume deploy/${name}`,
      `patch deploy ${name} -p {"spec":{"replicas":1}}`,
      `expose deploy ${name} --port=80`,
      `delete deploy/${name} svc/${name}`,
      `delete deploy ${name}`,
      `create cm ${name}`,
      `delete cm/${name} --force --grace-period=0`,
      `create ns ${name}`,
      `delete ns ${name} --wait=false`,
    ];
    for (const [at, step] of steps('first').entries()) {
      const theirs = await cluster.theirs(step.split(' '));
      const ours = await cluster.ours((steps('second')[at] ?? '').split(' '));
      expect({
        ...ours,
        stdout: ours.stdout.replaceAll('second', 'first'),
        stderr: ours.stderr.replaceAll('second', 'first'),
      }).toEqual(theirs);
    }
  });

  test('certificate requests are approved and denied with the same words', async () => {
    const sample = samples().find(({ resource }) => resource.kind === 'CertificateSigningRequest')!;
    for (const who of ['theirs', 'ours']) {
      for (const name of ['one', 'two', 'three', 'four'])
        await cluster.client.create(sample.resource, { ...sample.object, metadata: { name: `${who}-${name}` } });
      const manifest = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
      const named = JSON.stringify({ ...manifest, metadata: { name: `${who}-four` } });
      writeFileSync(join(cluster.directory, `${who}-four.json`), named);
    }
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' } };
    writeFileSync(join(cluster.directory, 'cm.json'), JSON.stringify(configMap));
    const steps = (who: string): readonly string[] => [
      `certificate approve ${who}-one`,
      `certificate approve ${who}-one`,
      `certificate approve ${who}-one --force`,
      `certificate deny ${who}-one`,
      `certificate deny ${who}-one --force`,
      `certificate deny ${who}-two nope ${who}-three -o name`,
      `certificate approve ${who}-two`,
      `certificate deny -f ${who}-four.json`,
      `certificate deny -f ${who}-four.json ${who}-three`,
      'certificate approve node/node-1',
      'certificate approve -f cm.json',
      `certificate approve ${who}-one -o jsonpath={.status.conditions[*].reason}`,
      `certificate approve csr/${who}-one`,
      `certificate approve pod/full`,
      'certificate approve',
      'certificate deny x -o nope',
      'certificate',
      'certificate renew x',
      'certificate approve --help',
      'certificate deny --help',
    ];
    for (const [at, step] of steps('theirs').entries()) {
      const theirs = comparable(await cluster.theirs(step.split(' ')));
      const ours = comparable(await cluster.ours((steps('ours')[at] ?? '').split(' ')));
      const asTheirs = (text: string): string => text.replaceAll('ours-', 'theirs-');
      expect({ step, ...ours, stdout: asTheirs(ours.stdout), stderr: asTheirs(ours.stderr) }).toEqual({
        step,
        ...theirs,
      });
    }
    const path = '{range .status.conditions[*]}{.type} {.status} {.reason} {.message}{"\\n"}{end}';
    for (const name of ['one', 'two', 'three', 'four']) {
      const told = (who: string) => cluster.theirs(['get', 'csr', `${who}-${name}`, '-o', `jsonpath=${path}`]);
      expect(await told('ours')).toEqual(await told('theirs'));
    }
  });

  test('a replacement by force tells of the deletion in the same words', async () => {
    const manifest = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
    for (const flag of ['--force', '--grace-period=1']) {
      const args = ['replace', '--force', flag, '-f', '-'];
      await cluster.ours(['create', 'cm', 'forced']);
      const theirs = await cluster.theirs(args, { stdin: manifest('forced') });
      expect(await cluster.ours(args, { stdin: manifest('forced') })).toEqual(theirs);
    }
  });

  test('apply sends the same: what one applied, the other finds unchanged', async () => {
    const manifest = (image: string): string => `apiVersion: v1
kind: Pod
metadata: {name: applied}
spec: {containers: [{name: a, image: "${image}"}]}
`;
    expect((await cluster.ours(['apply', '-f', '-'], { stdin: manifest('one') })).stdout).toBe('pod/applied created\n');
    expect((await cluster.theirs(['apply', '-f', '-'], { stdin: manifest('one') })).stdout).toBe(
      'pod/applied unchanged\n',
    );
    expect((await cluster.theirs(['apply', '-f', '-'], { stdin: manifest('two') })).stdout).toBe(
      'pod/applied configured\n',
    );
    expect((await cluster.ours(['apply', '-f', '-'], { stdin: manifest('two') })).stdout).toBe(
      'pod/applied unchanged\n',
    );
    await same(['apply', 'view-last-applied', 'pod/applied']);
    await same(['apply', '-f', '-'], 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: unknown-field}\nnope: x\n');
  });

  test('apply in the server does and says the same', async () => {
    const manifest = (name: string, data: object): string =>
      JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
    const owners = (name: string): Promise<CommandResult> => {
      const path = '{range .metadata.managedFields[*]}{.manager}/{.operation}: {.fieldsV1}{"\\n"}{end}';
      return cluster.theirs(['get', 'cm', name, '-o', `jsonpath=${path}`]);
    };
    const both = async (args: readonly string[], data: object): Promise<void> => {
      const theirs = await cluster.theirs(args, { stdin: manifest('applied-theirs', data) });
      const ours = await cluster.ours(args, { stdin: manifest('applied-ours', data) });
      const neutral = ({ code, stdout, stderr }: CommandResult): unknown[] =>
        [code, stdout, stderr].map((text) => String(text).replaceAll(/applied-(ours|theirs)/g, 'NAME'));
      expect(neutral(ours)).toEqual(neutral(theirs));
      expect(neutral(await owners('applied-ours'))).toEqual(neutral(await owners('applied-theirs')));
    };
    const apply = ['apply', '-f', '-'];
    await both(apply, { a: '1', b: '1' });
    await both([...apply, '--server-side'], { a: '2', c: '1' });
    await both([...apply, '--server-side', '--field-manager=other'], { a: '3', c: '3' });
    await both([...apply, '--server-side', '--field-manager=other', '--force-conflicts'], { a: '3' });
    await both([...apply, '--server-side', '--dry-run=server'], { d: '1' });
    await both([...apply, '--server-side', '--dry-run=client'], {});
    await both([...apply, '--server-side', '--force'], {});
    await both([...apply, '--force-conflicts'], {});
    await both([...apply, '--server-side', '-o', 'name'], { c: '1' });
  });

  test('a watch prints the table, then every change', async () => {
    const watch = async (run: TestCluster['ours'], change: string): Promise<CommandResult> => {
      const stop = new AbortController();
      const result = await run(['get', 'pods', '-l', `watched=${change}`, '-w'], {
        signal: stop.signal,
        onOutput: (text) => {
          const lines = text.split('\n').length - 1;
          if (lines === 2) void cluster.ours(['label', 'pod', change, 'x=y', '--overwrite']);
          if (lines === 3) stop.abort();
        },
      });
      return comparable({ ...result, code: 130 });
    };
    for (const name of ['pod-a', 'pod-b']) {
      await cluster.ours(['run', name, '--image=x', `--labels=watched=${name}`]);
    }
    const theirs = await watch(cluster.theirs, 'pod-a');
    const ours = await watch(cluster.ours, 'pod-b');
    expect(ours.stdout.replaceAll('pod-b', 'pod-a')).toBe(theirs.stdout);
    expect(ours.stdout.split('\n')).toHaveLength(4);
  });
});
