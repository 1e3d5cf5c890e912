/** Upstream's kubectl, old and new, against our API server: what a user does in a day. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { describeKubectls } from './kubectl-fixture.ts';

describeKubectls(({ minor, prefix, cluster, inNamespace }) => {
  test('asks the server what it is and serves, and what one may do', async () => {
    const kubectl = await inNamespace('asks');
    await kubectl.prints('version', /Server Version: .*v1\.36\.0\+kubets/);
    await kubectl.prints('cluster-info', /control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/);
    await kubectl.prints('get --raw /readyz', 'ok');
    await kubectl.prints('api-versions', /^(?=[^]*^apps\/v1$)(?=[^]*^autoscaling\/v2$)(?=[^]*^v1$)/m);
    await kubectl.prints('api-resources --no-headers', /^deployments +deploy +apps\/v1 +true +Deployment$/m);
    await kubectl.prints(
      'api-resources --namespaced=false --verbs=list -o name',
      /^(?!.*pods)[^]*^nodes$[^]*csinodes/m,
    );
    await kubectl.prints('api-resources -o wide --api-group=policy', /PodDisruptionBudget +.*deletecollection.*watch/);
    await kubectl.prints('auth can-i create pods', 'yes\n');
    await kubectl.prints('create serviceaccount robot', 'serviceaccount/robot created\n');
    await kubectl.prints('create role reader --verb=get,list --resource=pods,deployments.apps', /reader created/);
    await kubectl.prints(`create rolebinding reads --role=reader --serviceaccount=${prefix}-asks:robot`, /created/);
    const robot = `--as=system:serviceaccount:${prefix}-asks:robot`;
    await kubectl.prints(`auth can-i list deployments ${robot}`, 'yes\n');
    await kubectl.fails(`auth can-i delete pods ${robot}`, 'no\n');
    await kubectl.prints(`auth can-i --list ${robot}`, /^pods +\[\] +\[\] +\[get list\]$/m);
    await kubectl.fails(
      `get secrets ${robot}`,
      `Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:${prefix}-asks:robot" ` +
        `cannot list resource "secrets" in API group "" in the namespace "${prefix}-asks"\n`,
    );
  });

  test('explains fields', async () => {
    const kubectl = await inNamespace('explains');
    await kubectl.prints('explain deployment', /KIND: +Deployment\n[^]*spec\t<(Object|DeploymentSpec)>/);
    await kubectl.prints('explain pod.spec.containers.resources.limits', /limits\b.*<map\[string\](string|Quantity)>/);
    await kubectl.prints(
      'explain --recursive cronjob',
      /jobTemplate\t[^]*containers\t[^]*livenessProbe\t[^]*schedule\t/,
    );
    await kubectl.prints('explain hpa --api-version=autoscaling/v1', /VERSION: +(autoscaling\/)?v1\n/);
    await kubectl.fails('explain pod.nonsense', /field "nonsense" does not exist/);
  });

  test('creates all sorts of things and shows them in every form', async () => {
    const kubectl = await inNamespace('shows');
    await kubectl.prints('create deployment web --image=nginx:1', 'deployment.apps/web created\n');
    await kubectl.prints('create configmap settings --from-literal=a=b', 'configmap/settings created\n');
    await kubectl.prints('create secret generic keys --from-literal=password=x', 'secret/keys created\n');
    await kubectl.prints('create quota most --hard=pods=100', 'resourcequota/most created\n');
    await kubectl.prints('create job once --image=busybox -- true', 'job.batch/once created\n');
    await kubectl.prints(
      'create ingress front --rule=example.com/=web:80',
      'ingress.networking.k8s.io/front created\n',
    );
    await kubectl.prints('create service nodeport door --tcp=80', 'service/door created\n');
    await kubectl.prints(`create priorityclass ${prefix} --value=10`, /created/);
    // What older ones ask for is served no longer, by upstream neither.
    if (minor > 20) {
      await kubectl.prints(['create', 'cronjob', 'daily', '--image=i', '--schedule=0 0 * * *'], /daily created/);
      await kubectl.prints('create poddisruptionbudget keep --selector=app=web --min-available=1', /keep created/);
      await kubectl.prints('create token default', /^[\w-]+\.[\w-]+\.[\w-]+\s*$/);
    }
    await kubectl.fails('create configmap settings', /^(E|e)rror.*: configmaps "settings" already exists\n$/);
    await kubectl.prints('rollout status deployment/web --timeout=60s', /successfully rolled out/);

    const get = 'get deployment web';
    await kubectl.prints(get, /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +1\/1 +1 +1 +\d+s\n$/);
    await kubectl.prints(`${get} -o wide`, /CONTAINERS +IMAGES +SELECTOR\n.* nginx +nginx:1 +app=web\n$/);
    await kubectl.prints(`${get} -o name`, 'deployment.apps/web\n');
    await kubectl.prints(`${get} -o yaml`, /^apiVersion: apps\/v1\nkind: Deployment\n[^]*\n  replicas: 1\n/);
    await kubectl.prints(`${get} -o json`, /^\{\n    "apiVersion": "apps\/v1",\n[^]*\n        "replicas": 1,\n/);
    await kubectl.prints(`${get} -o jsonpath={.spec.template.spec.containers[*].image}`, 'nginx:1');
    await kubectl.prints(`${get} -o go-template={{.metadata.name}}`, 'web');
    await kubectl.prints(
      `${get} -o custom-columns=NAME:.metadata.name,COPIES:.spec.replicas,NONE:.spec.none`,
      /^NAME +COPIES +NONE\nweb +1 +<none>\n$/,
    );
    await kubectl.prints('get all --show-labels', /^(?=[^]*pod\/web-\w+-\w+ )(?=[^]*job.batch\/once )[^]*app=web/);
    await kubectl.prints('get pods -l app=web,!none --sort-by=.metadata.name -o name', /^pod\/web-\w+-\w+\n$/);
    await kubectl.prints(
      'get pods --field-selector=status.phase=Running --no-headers -A',
      new RegExp(`^${prefix}-shows +web-`, 'm'),
    );
    await kubectl.prints(
      'get configmaps,secrets',
      /NAME +DATA +AGE\nconfigmap\/[^]*NAME +TYPE +DATA +AGE\nsecret\/keys +Opaque +1/,
    );
    await kubectl.prints('get deployment web -L app', /AGE +APP\nweb .* web\n$/);
    await kubectl.prints('get configmap none --ignore-not-found', '');
    await kubectl.fails('get configmap none', 'Error from server (NotFound): configmaps "none" not found\n');
    await kubectl.fails('get nonsense', 'error: the server doesn\'t have a resource type "nonsense"\n');
    await kubectl.prints('get pods --chunk-size=1 -o name', /web/);

    await kubectl.prints(
      'describe deployment web',
      /^Name: +web\n[^]*1 desired \| 1 updated \| 1 total \| 1 available[^]*ScalingReplicaSet/,
    );
    await kubectl.prints('describe pods -l app=web', /^Name: +web-[^]*Image: +nginx:1\n[^]*Ready +True/);
    await kubectl.prints('describe service door', /Type: +NodePort\n[^]*NodePort: +\S+ +3\d{4}\/TCP\n/);
    await kubectl.prints('describe quota most', /pods +\d+ +100/);
    await kubectl.prints('describe node node-1', /^Name: +node-1\n[^]*Ready +True[^]*Allocated resources:[^]*cpu +\d/);
    await kubectl.prints(`describe namespace ${prefix}-shows`, /Status: +Active\n[^]*Resource Quotas\n/);
    await kubectl.prints('describe ingress front', /example.com[^]*web:80/);
    await kubectl.prints('describe secret keys', /password: +1 bytes/);
    await kubectl.prints('get events', /ScalingReplicaSet/);
    if (minor > 25) await kubectl.prints('events --for=deployment/web', /ScalingReplicaSet/);
  });

  test('changes what there is', async () => {
    const kubectl = await inNamespace('changes');
    await kubectl.prints('create deployment web --image=nginx:1 --port=80', /created/);
    await kubectl.prints('create configmap settings --from-literal=a=b', /created/);
    await kubectl.prints('label configmap settings tier=one', 'configmap/settings labeled\n');
    await kubectl.fails('label configmap settings tier=two', /^error: 'tier' already has a value \(one\)/);
    await kubectl.prints('label --overwrite configmaps --all tier=two', /configmap\/settings labeled\n/);
    await kubectl.prints('label configmap settings tier-', /configmap\/settings (un)?labeled\n/);
    await kubectl.prints('annotate configmap settings note=hello', 'configmap/settings annotated\n');
    const settings = 'get configmap settings -o jsonpath={.metadata.labels}{.metadata.annotations.note}{.data.a}';
    await kubectl.prints(settings, /^(\{\})?hellob$/);
    await kubectl.prints('edit configmap settings', 'configmap/settings edited\n', {
      env: { KUBE_EDITOR: 'sed -i s/a:\\ b/a:\\ edited/' },
    });
    await kubectl.prints(settings, /edited$/);
    await kubectl.fails(
      'edit configmap settings',
      /cannot unmarshal array into Go struct field ConfigMap\.data|"settings" is invalid\n/,
      {
        env: { KUBE_EDITOR: 'sed -i s/a:\\ edited/a:\\ [1]/' },
      },
    );

    const patch = (type: string, body: object): string[] => [
      'patch',
      'deployment',
      'web',
      `--type=${type}`,
      '-p',
      JSON.stringify(body),
    ];
    const env = [{ name: 'nginx', env: [{ name: 'A', value: '1' }] }];
    await kubectl.prints(patch('strategic', { spec: { template: { spec: { containers: env } } } }), /patched/);
    await kubectl.prints(patch('merge', { metadata: { labels: { app: null, merged: 'yes' } } }), /patched/);
    await kubectl.prints(patch('merge', { metadata: { labels: { app: null } } }), /patched \(no change\)/);
    await kubectl.prints(patch('json', [{ op: 'replace', path: '/spec/replicas', value: 2 }]), /patched/);
    await kubectl.fails(patch('json', [{ op: 'test', path: '/spec/replicas', value: 9 }]), /test.*fail|is invalid/i);
    await kubectl.prints(
      'get deployment web -o jsonpath={.metadata.labels}{.spec.replicas}{.spec.template.spec.containers[0].env[0].name}',
      '{"merged":"yes"}2A',
    );
    await kubectl.prints('scale deployment web --replicas=3', 'deployment.apps/web scaled\n');
    await kubectl.fails('scale deployment web --replicas=4 --current-replicas=9', /Expected replicas to be 9, was 3/);
    await kubectl.prints('set image deployment/web nginx=nginx:2', 'deployment.apps/web image updated\n');
    await kubectl.prints('set env deployment/web B=2 A-', 'deployment.apps/web env updated\n');
    await kubectl.prints('set resources deployment/web --limits=cpu=1,memory=1Gi', /resource requirements updated/);
    await kubectl.prints('set serviceaccount deployment/web default', /serviceaccount updated/);
    const cpu = minor < 35 ? '--cpu-percent=50' : '--cpu=50%';
    await kubectl.prints(
      `autoscale deployment web --min=1 --max=3 ${cpu}`,
      /horizontalpodautoscaler.autoscaling\/web autoscaled\n/,
    );
    await kubectl.prints('get hpa', /web +Deployment\/web +cpu: <unknown>\/50% +1 +3/);
    await kubectl.prints('describe hpa web', /50%/);
    await kubectl.prints('expose deployment web --port=8080 --target-port=80', 'service/web exposed\n');
    await kubectl.prints('get service web -o jsonpath={.spec.ports[0].port}{.spec.selector}', '8080{"app":"web"}');
    await kubectl.prints('set selector service web app=other', /selector updated/);
    const text = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings' },
      data: { c: 'd' },
    });
    await kubectl.prints('replace -f -', 'configmap/settings replaced\n', { input: text });
    await kubectl.prints('replace --force -f -', /"settings" deleted[^]*configmap\/settings replaced\n/, {
      input: text,
    });
    await kubectl.prints('get configmap settings -o jsonpath={.data}', '{"c":"d"}');
  });

  test('tries things out without doing them', async () => {
    const kubectl = await inNamespace('tries');
    await kubectl.prints('run tried --image=i --dry-run=client -o yaml', /kind: Pod[^]*name: tried/);
    await kubectl.prints(
      'run tried --image=i --dry-run=server -o yaml',
      /terminationMessagePath:[^]*qosClass: BestEffort/,
    );
    await kubectl.prints('create configmap tried --dry-run=server', 'configmap/tried created (server dry run)\n');
    await kubectl.prints('get pods,configmaps --field-selector=metadata.name=tried', /No resources found/);
    await kubectl.prints('create configmap kept', /created/);
    await kubectl.prints('delete configmap kept --dry-run=server', /"kept" deleted.*\(server dry run\)/);
    await kubectl.prints('label configmap kept a=b --dry-run=server', /labeled( \(server dry run\))?\n/);
    await kubectl.prints('get configmap kept -o jsonpath={.metadata.labels}', /^(\{\})?$/);
  });

  test('applies manifests', async () => {
    const kubectl = await inNamespace('applies');
    const service = (port: number, more = ''): string =>
      `apiVersion: v1\nkind: Service\nmetadata: {name: web, labels: {set: a}${more}}\n` +
      `spec: {selector: {app: web}, ports: [{port: ${port}, name: http}]}\n`;
    const settings = (data: string): string =>
      `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {set: a}}\ndata: {${data}}\n`;
    await kubectl.fails('diff -f -', /\+kind: Service/, { input: service(80) });
    await kubectl.prints('apply -f -', 'service/web created\nconfigmap/settings created\n', {
      input: service(80) + settings('"a": "1"'),
    });
    await kubectl.prints('apply -f -', 'service/web unchanged\n', { input: service(80) });
    await kubectl.fails('diff -f -', /^-.*port: 80\n\+.*port: 81$/m, { input: service(81) });
    await kubectl.prints('diff -f -', '', { input: service(80) });
    await kubectl.prints('apply -f -', 'service/web configured\n', {
      input: service(81, ', annotations: {note: "1"}'),
    });
    await kubectl.prints('apply -f -', 'configmap/settings configured\n', { input: settings('"b": "2"') });
    await kubectl.prints('get configmap settings -o jsonpath={.data}', '{"b":"2"}');
    await kubectl.prints('apply view-last-applied configmap settings -o json', /"b": "2"/);
    // What 1.20 prunes unless told otherwise, no server since 1.25 knows.
    const prune = `--prune -l set=a --prune-${minor < 26 ? 'whitelist' : 'allowlist'}=core/v1/ConfigMap`;
    await kubectl.prints(`apply -f - ${prune}`, /service\/web unchanged\n[^]*configmap\/settings pruned\n/, {
      input: service(81, ', annotations: {note: "1"}'),
    });

    const own = 'apply --server-side --field-manager=mine -f -';
    const other = settings('"c": "3"').replace('settings', 'other');
    await kubectl.prints(own, 'configmap/other serverside-applied\n', { input: other });
    await kubectl.fails(
      'apply --server-side -f -',
      /Apply failed with 1 conflict: conflict with "mine".*: \.data\.c\n/,
      {
        input: other.replace('3', '4'),
      },
    );
    await kubectl.prints('apply --server-side --force-conflicts -f -', 'configmap/other serverside-applied\n', {
      input: other.replace('3', '4'),
    });
    await kubectl.prints('diff --server-side -f -', '', { input: other.replace('3', '4') });
    await kubectl.prints('get configmap other -o jsonpath={.data.c}', '4');
    // From applying in the client to applying in the server.
    await kubectl.prints('apply --server-side -f -', 'service/web serverside-applied\n', {
      input: service(81, ', annotations: {note: "1"}'),
    });
    const home = join(cluster().directory, prefix);
    writeFileSync(join(home, 'kustomization.yaml'), 'namePrefix: k-\nresources: [settings.yaml]\n');
    writeFileSync(join(home, 'settings.yaml'), settings('"k": "v"'));
    await kubectl.prints(['apply', '-k', home], 'configmap/k-settings created\n');
    await kubectl.prints('delete -f -', /service "web" deleted.*\n/, { input: service(81) });
  });

  test('rolls deployments out and back', async () => {
    const kubectl = await inNamespace('rolls');
    const done = (): Promise<void> =>
      kubectl.prints('rollout status deployment/web --timeout=60s', /successfully rolled out\n$/);
    const image = 'get deployment web -o jsonpath={.spec.template.spec.containers[0].image}';
    await kubectl.prints('create deployment web --image=nginx:1 --replicas=2', /created/);
    await done();
    await kubectl.prints('set image deployment/web nginx=nginx:2', /updated/);
    await done();
    await kubectl.prints(
      'rollout history deployment/web',
      /^deployment.apps\/web \nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n/,
    );
    await kubectl.prints('rollout history deployment/web --revision=1', /nginx:1/);
    await kubectl.prints('rollout undo deployment/web', 'deployment.apps/web rolled back\n');
    await done();
    await kubectl.prints(image, 'nginx:1');
    await kubectl.prints('rollout undo deployment/web --to-revision=2', /rolled back/);
    await kubectl.prints(image, 'nginx:2');
    await kubectl.prints('rollout pause deployment/web', /paused/);
    await kubectl.fails('rollout undo deployment/web', /paused/);
    await kubectl.prints('rollout resume deployment/web', /resumed/);
    await kubectl.prints('rollout restart deployment/web', /restarted/);
    await done();
    await kubectl.prints('wait --for=condition=Available deployment/web --timeout=60s', /condition met/);
    await kubectl.prints('wait --for=condition=Ready pods -l app=web --timeout=60s', /condition met/);
    if (minor > 22) {
      await kubectl.prints(
        'wait --for=jsonpath={.status.readyReplicas}=2 deployment/web --timeout=60s',
        /condition met/,
      );
    }
    await kubectl.fails(
      'wait --for=condition=Nonsense deployment/web --timeout=1s',
      /timed out waiting for the condition/,
    );
  });

  test('watches', async () => {
    const kubectl = await inNamespace('watches');
    await kubectl.prints('create configmap one', /created/);
    await using watch = kubectl.start('get configmaps --watch --output-watch-events');
    await watch.prints(/^ADDED +one /m);
    await kubectl.prints('create configmap two', /created/);
    await watch.prints(/^ADDED +two /m);
    await kubectl.prints('label configmap two a=b', /labeled/);
    await watch.prints(/^MODIFIED +two /m);
    await kubectl.prints('delete configmap two', /deleted/);
    await watch.prints(/^DELETED +two /m);
  });
});
