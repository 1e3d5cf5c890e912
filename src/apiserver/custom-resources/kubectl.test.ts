import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { httpsTestServer } from '../testing/https-server.ts';

const { kubectl } = unpackUpstreamClients();

/** Runs kubectl; what it prints, of both streams. */
function runner(kubeconfig: string) {
  return (command: readonly string[] | string, input = ''): Promise<string> =>
    new Promise((resolve) => {
      const environment = {
        env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, HOME: '/nonexistent' },
        timeout: 20_000,
      };
      const words = typeof command === 'string' ? command.split(' ') : command;
      const child = execFile(kubectl, words, environment, (_error, out, stderr) => resolve(out + stderr));
      child.stdin?.end(input);
    });
}

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: { specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.labelSelector }
    additionalPrinterColumns:
    - { name: Spec, type: string, jsonPath: .spec.cronSpec, description: The cron spec }
    - { name: Replicas, type: integer, jsonPath: .spec.replicas }
    - { name: Image, type: string, jsonPath: .spec.image, priority: 1 }
    - { name: Age, type: date, jsonPath: .metadata.creationTimestamp }
    schema:
      openAPIV3Schema:
        type: object
        description: A cron table.
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: { type: string, description: When it runs., pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' }
              image: { type: string, default: busybox }
              replicas: { type: integer, minimum: 1, maximum: 10, default: 1 }
          status:
            type: object
            properties:
              replicas: { type: integer }
              labelSelector: { type: string }
`;

const cronTab = (spec: string) => `
apiVersion: stable.example.com/v1
kind: CronTab
metadata: { name: my-tab }
spec: { ${spec} }
`;

test("upstream's kubectl works with custom resources as with any other", { timeout: 60_000 }, async () => {
  await using server = await httpsTestServer();
  const run = runner(server.kubeconfig());
  expect(await run('create -f -', definition)).toBe(
    'customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created\n',
  );
  expect(await run('wait --for=condition=Established crd/crontabs.stable.example.com --timeout=10s')).toContain(
    'condition met',
  );
  expect(await run('get crd')).toMatch(/^NAME +CREATED AT\ncrontabs.stable.example.com +\d{4}-.*Z\n$/);
  expect(await run('api-resources --api-group=stable.example.com --no-headers')).toMatch(
    /^crontabs +ct +stable.example.com\/v1 +true +CronTab\n/,
  );
  expect(await run('apply -f -', cronTab('cronSpec: "* * * * */5"'))).toBe(
    'crontab.stable.example.com/my-tab created\n',
  );
  expect(await run('apply -f -', cronTab('cronSpec: "* * * * */5", image: other'))).toBe(
    'crontab.stable.example.com/my-tab configured\n',
  );
  expect(await run('get ct')).toMatch(/^NAME +SPEC +REPLICAS +AGE\nmy-tab +\* \* \* \* \*\/5 +1 +\d+s\n$/);
  expect(await run('get ct -o wide')).toMatch(/IMAGE/);
  expect(await run('get all')).toContain('crontab.stable.example.com/my-tab');
  expect(await run('apply -f -', cronTab('cronSpec: nonsense'))).toContain(
    'The CronTab "my-tab" is invalid: spec.cronSpec: Invalid value: "nonsense": spec.cronSpec in body should match',
  );
  expect(await run('apply -f -', cronTab('cronSpec: "* * * * *", unheardOf: 1'))).toContain(
    'unknown field "spec.unheardOf"',
  );
  expect(await run('explain ct.spec')).toContain('cronSpec\t<string> -required-\n    When it runs.');
  expect(await run('scale --replicas=3 ct/my-tab')).toBe('crontab.stable.example.com/my-tab scaled\n');
  expect(await run(['patch', 'ct', 'my-tab', '--type=merge', '-p', '{"spec":{"image":"third"}}'])).toBe(
    'crontab.stable.example.com/my-tab patched\n',
  );
  expect(await run(['patch', 'ct', 'my-tab', '-p', '{"spec":{"image":"x"}}'])).toContain(
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/apply-patch+cbor',
  );
  expect(
    await run([
      'patch',
      'ct',
      'my-tab',
      '--subresource=status',
      '--type=merge',
      '-p',
      '{"status":{"replicas":3,"labelSelector":"a=b"}}',
    ]),
  ).toContain('patched');
  expect(await run('get ct my-tab -o jsonpath={.spec}{.status}{.metadata.generation}')).toBe(
    '{"cronSpec":"* * * * */5","image":"third","replicas":3}{"labelSelector":"a=b","replicas":3}4',
  );
  expect(await run('get ct my-tab --subresource=scale -o jsonpath={.status}')).toBe('{"replicas":3,"selector":"a=b"}');
  expect(await run('describe ct my-tab')).toMatch(/API Version: +stable.example.com\/v1\nKind: +CronTab/);
  expect(await run('apply --server-side --field-manager=me -f -', cronTab('cronSpec: "1 * * * *"'))).toContain(
    'conflict with "kubectl-client-side-apply"',
  );
  expect(await run('apply --server-side --force-conflicts -f -', cronTab('cronSpec: "1 * * * *"'))).toContain(
    'serverside-applied',
  );
  expect(await run('delete ct my-tab')).toContain('crontab.stable.example.com "my-tab" deleted');
  expect(await run('create -f -', cronTab('cronSpec: "* * * * *"'))).toContain('created');
  expect(await run('delete crd crontabs.stable.example.com --timeout=10s')).toContain('deleted');
  expect(await run('get crontabs.stable.example.com')).toContain(`the server doesn't have a resource type "crontabs"`);
});
