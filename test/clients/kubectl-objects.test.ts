/** Upstream's kubectl, old and new: what is invalid, what is deleted, nodes and custom resources. */
import { expect, test } from 'vitest';
import { Node } from '../../src/api/core/node.ts';
import { Pod } from '../../src/api/core/pod.ts';
import { testNode } from '../../src/distro/testing/fake-kubelet.ts';
import { describeKubectls } from './kubectl-fixture.ts';

const pod = (container: object, name = 'bad'): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [container] } });

describeKubectls(({ minor, prefix, cluster, inNamespace }) => {
  test('is told what is wrong with an object', async () => {
    const kubectl = await inNamespace('refuses');
    const create = 'create -f -';
    // Before 1.27, kubectl validates by itself, by the OpenAPI document in protobuf; since then the server does.
    const unknown =
      minor < 27
        ? /unknown field "bogus" in io\.k8s\.api\.core\.v1\.Container/
        : /unknown field "spec.containers\[0\].bogus"/;
    await kubectl.fails(create, unknown, { input: pod({ name: 'c', image: 'i', bogus: 1 }) });
    const incomplete = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bad' }, spec: {} });
    const missing = minor < 27 ? /missing required field "containers"/ : /spec\.containers: Required value/;
    await kubectl.fails(create, missing, { input: incomplete });
    const mistyped =
      minor < 27
        ? /invalid type for .*stdin: got "string", expected "boolean"/
        : /cannot be handled as a Pod.*stdin.*bool/;
    await kubectl.fails(create, mistyped, { input: pod({ name: 'c', image: 'i', stdin: 'yes' }) });
    await kubectl.fails(
      `${create} --validate=false`,
      /^The Pod "Bad" is invalid: metadata\.name: Invalid value: "Bad": a lowercase RFC 1123 subdomain/,
      {
        input: pod({ name: 'c', image: 'i' }, 'Bad'),
      },
    );
    await kubectl.fails(
      `${create} --validate=false`,
      'The Pod "bad" is invalid: \n* spec.containers[0].name: Required value\n* spec.containers[0].ports[0].containerPort: Required value\n',
      { input: pod({ image: 'i', ports: [{}] }) },
    );
    await kubectl.prints(
      `${create} --validate=false`,
      minor < 27 ? /^Warning: unknown field .*\npod\/good created\n$/ : 'pod/good created\n',
      {
        input: pod({ name: 'c', image: 'i', bogus: 1 }, 'good'),
      },
    );
    if (minor > 24) {
      await kubectl.prints(
        `${create} --validate=warn`,
        /^Warning: unknown field "spec\.containers\[0\]\.bogus"\npod\/warned created\n$/,
        {
          input: pod({ name: 'c', image: 'i', bogus: 1 }, 'warned'),
        },
      );
    }
    await kubectl.fails(create, /no matches for kind "Nonsense" in version "v1"/, {
      input: '{"apiVersion": "v1", "kind": "Nonsense", "metadata": {"name": "a"}}',
    });
    await kubectl.fails(
      ['patch', 'pod', 'good', '-p', '{"spec":{"nodeName":"other"}}'],
      /^The Pod "good" is invalid: spec: Forbidden: pod updates may not change fields other than/,
    );
    await kubectl.fails('create namespace Bad_Name', /is invalid: metadata\.name: Invalid value: "Bad_Name"/);
    await kubectl.fails('get pods -l a~b', /unable to parse requirement|found '~'/);
    await kubectl.fails('get pods --field-selector=spec.none=1', /field label not supported: spec\.none/);
  });

  test('deletes, waiting for what must come first', async () => {
    const kubectl = await inNamespace('deletes');
    const deployment = async (name: string): Promise<void> => {
      await kubectl.prints(`create deployment ${name} --image=i`, /created/);
      await kubectl.prints(`rollout status deployment/${name} --timeout=60s`, /successfully/);
    };
    await deployment('orphans');
    await kubectl.prints('delete deployment orphans --cascade=orphan', /"orphans" deleted/);
    await kubectl.prints(
      'get replicasets,pods -l app=orphans -o name',
      /^replicaset\.apps\/orphans-\w+\npod\/orphans-\S+\n$/,
    );
    await deployment('all');
    await kubectl.prints('delete deployment all --cascade=foreground', /"all" deleted/);
    await kubectl.prints('get replicasets,pods -l app=all', /^No resources found/);
    await deployment('later');
    await kubectl.prints('delete deployment later --cascade=background', /"later" deleted/);
    await kubectl.prints('run single --image=i', 'pod/single created\n');
    await kubectl.prints(
      'delete pod single --grace-period=0 --force',
      /[Ii]mmediate deletion does not wait[^]*"single" force deleted/,
    );
    await kubectl.prints('delete replicasets -l app=orphans --now', /"orphans-\w+" deleted/);

    await kubectl.prints('create configmap held', /created/);
    await kubectl.prints(
      ['patch', 'configmap', 'held', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}'],
      /patched/,
    );
    await kubectl.fails('delete configmap held --timeout=1s', /"held" deleted[^]*timed out waiting for the condition/);
    await using deletion = kubectl.start('delete configmap held');
    await deletion.prints(/"held" deleted/);
    await kubectl.prints(['patch', 'configmap', 'held', '-p', '{"metadata":{"finalizers":null}}'], /patched/);
    expect((await deletion.ended).code).toBe(0);

    await kubectl.prints('create secret generic one', /created/);
    await kubectl.prints('create secret generic two', /created/);
    await kubectl.prints('delete secrets --all', /"one" deleted[^]*"two" deleted/);
    await kubectl.fails('delete secret one', /secrets "one" not found/);
    await kubectl.prints('delete secret one --ignore-not-found', '');
    await kubectl.prints('get all', /^No resources found|/);
    await kubectl.prints(`delete namespace ${prefix}-deletes`, /deleted/);
    await kubectl.fails(`get namespace ${prefix}-deletes`, /not found/);
  });

  test('drains a node', async () => {
    const kubectl = await inNamespace('drains');
    const { client } = cluster();
    await client.create(Node, testNode(`${prefix}-node`));
    const spec = { nodeName: `${prefix}-node`, containers: [{ name: 'c', image: 'i' }] };
    await client.create(Pod, { metadata: { namespace: `${prefix}-drains`, name: 'single' }, spec });
    await kubectl.fails(`drain ${prefix}-node`, /cordoned\n[^]*use --force[^]*single/);
    await kubectl.prints(
      `drain ${prefix}-node --force --grace-period=0 --timeout=60s`,
      /pod\/single evicted\n[^]*node\/\w+-node (drained|evicted)\n$/,
    );
    await kubectl.prints(`get node ${prefix}-node -o jsonpath={.spec.unschedulable}`, 'true');
    await kubectl.prints(`uncordon ${prefix}-node`, /uncordoned/);
    await kubectl.prints(`taint node ${prefix}-node key=value:NoExecute`, /tainted/);
    await kubectl.prints(`taint node ${prefix}-node key-`, /untainted/);
  });

  test('works with custom resources as with any other', async () => {
    const kubectl = await inNamespace('custom');
    // Versions run at once, on one cluster.
    const [group, kind] = [`${prefix}.example.com`, `Gadget${minor}`];
    const gadget = (spec: string): string =>
      `apiVersion: ${group}/v1\nkind: ${kind}\nmetadata: {name: mine}\nspec: {${spec}}\n`;
    await kubectl.prints('create -f -', /gadget.* created\n/, { input: definition(group, kind) });
    await kubectl.prints(
      `wait --for=condition=Established crd/gadget${minor}s.${group} --timeout=30s`,
      /condition met/,
    );
    await kubectl.prints('get crds', /^NAME +CREATED AT\n/);
    await kubectl.prints(`api-resources --api-group=${group} --no-headers`, /^gadget\d+s +gd\d+ .* true +Gadget\d+\n$/);
    await kubectl.prints('create -f -', `gadget${minor}.${group}/mine created\n`, { input: gadget('size: "big"') });
    await kubectl.prints(`get gadget${minor}s.${group}`, /^NAME +SIZE +AGE\nmine +big +\d+s\n$/);
    await kubectl.prints(`get gd${minor} mine -o yaml`, /^spec:\n  replicas: 1\n  size: big\n$/m);
    await kubectl.prints(`get gd${minor}.v1.${group} mine -o jsonpath={.spec}`, /"size":"big"/);
    const free = 'size: "big", port: "http", free: {"a": {"b": 1}}, parts: [{"name": "x"}]';
    await kubectl.prints('apply -f -', /missing the .*last-applied-configuration[^]*mine configured\n$/, {
      input: gadget(free),
    });
    await kubectl.prints('apply -f -', `gadget${minor}.${group}/mine unchanged\n`, { input: gadget(free) });
    await kubectl.fails('diff -f -', /^-  port: http$/m, { input: gadget('size: "big"') });
    await kubectl.prints('apply -f -', /configured/, { input: gadget('size: "big", port: 80') });
    await kubectl.prints(`get gd${minor} mine -o jsonpath={.spec}`, '{"port":80,"replicas":1,"size":"big"}');
    await kubectl.fails(
      'apply -f -',
      /^The Gadget\d+ "mine" is invalid: .*spec\.size: Unsupported value: "huge": supported values: "small", "big"/s,
      { input: gadget('size: "huge"') },
    );
    await kubectl.fails('apply -f -', minor < 27 ? /missing required field "size"/ : /spec\.size: Required value/, {
      input: gadget('port: 1'),
    });
    await kubectl.fails('apply -f -', /unknown field "(spec\.)?bogus"/, { input: gadget('size: "big", bogus: 1') });
    await kubectl.prints('apply --server-side --force-conflicts -f -', /serverside-applied/, {
      input: gadget('size: "big", replicas: 2'),
    });
    await kubectl.prints(`scale gd${minor}/mine --replicas=3`, `gadget${minor}.${group}/mine scaled\n`);
    await kubectl.prints(`label gd${minor} mine a=b`, /labeled/);
    await kubectl.prints(['patch', `gd${minor}`, 'mine', '--type=merge', '-p', '{"spec":{"port":"x"}}'], /patched/);
    await kubectl.prints(
      ['patch', `gd${minor}`, 'mine', '--type=json', '-p', '[{"op":"remove","path":"/spec/port"}]'],
      /patched/,
    );
    await kubectl.prints(`edit gd${minor} mine`, /edited/, { env: { KUBE_EDITOR: 'sed -i s/big/small/' } });
    await kubectl.prints(`get gd${minor} -l a=b -o jsonpath={.items[0].spec}`, '{"replicas":3,"size":"small"}');
    await kubectl.prints(
      `explain gadget${minor}s.spec.size --api-version=${group}/v1`,
      /size.*<string>[^]*How big it is\./,
    );
    await kubectl.prints(
      `explain gadget${minor}s --recursive --api-version=${group}/v1`,
      /spec\t<Object>[^]*parts\t<\[\]Object>\n +count\t<integer>/,
    );
    await kubectl.prints(
      `describe gd${minor} mine`,
      /^Name: +mine\n[^]*API Version: +v\d+\.example\.com\/v1\nKind: +Gadget\d+\n[^]*Size: +small\n/,
    );
    await kubectl.prints(`get gd${minor},configmaps`, /gadget\d+\.v\d+\.example\.com\/mine/);
    await kubectl.prints(`delete gd${minor} mine`, /"mine" deleted/);
    await kubectl.prints(`delete crd gadget${minor}s.${group}`, /deleted/);
    await kubectl.fails(
      `get gadget${minor}s.${group}`,
      /the server (doesn't have a resource type|could not find the requested resource)/,
    );
  });
});

const definition = (group: string, kind: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${kind.toLowerCase()}s.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: ${kind.toLowerCase()}s, kind: ${kind}, shortNames: [${kind.replace('Gadget', 'gd')}]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns:
    - {name: Size, type: string, jsonPath: .spec.size}
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        description: A gadget.
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: string, enum: [small, big], description: How big it is.}
              replicas: {type: integer, minimum: 0, maximum: 10, default: 1}
              port: {x-kubernetes-int-or-string: true}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
              parts:
                type: array
                items: {type: object, required: [name], properties: {name: {type: string}, count: {type: integer}}}
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [name]
          status: {type: object, properties: {replicas: {type: integer}}}
`;
