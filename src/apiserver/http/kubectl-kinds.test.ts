/** Upstream's kubectl gets, describes and explains an object of every kind. */
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { unpackUpstreamClients } from '../../../tools/upstream-clients.ts';
import { samples } from '../../api/testing/sample-objects.ts';
import { tableColumns } from '../table/table.ts';
import { httpsTestServer } from '../testing/https-server.ts';
import type { HttpsTestServer } from '../testing/https-server.ts';

const { kubectl: program } = unpackUpstreamClients();

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function kubectl(server: HttpsTestServer) {
  const kubeconfig = server.kubeconfig();
  // Beside the kubeconfig, it can keep what discovery told it.
  const env = {
    PATH: process.env['PATH'],
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: `${kubeconfig}.cache`,
    HOME: '/nonexistent',
  };
  return (args: readonly string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      execFile(program, args, { env, timeout: 20_000 }, (error, out, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, error: stderr });
      });
    });
}

test("upstream's kubectl shows an object of every kind", { timeout: 120_000 }, async () => {
  await using server = await httpsTestServer();
  const run = kubectl(server);
  const failures: string[] = [];
  for (const { resource, object } of samples()) {
    const { name } = object.metadata;
    const type = [resource.plural, resource.version, resource.group].join('.');
    if (!resource.storedAs) await server.client.create(resource, object);
    const isDone = (outcome: Outcome, wanted: RegExp, what: string): void => {
      if (outcome.code !== 0 || outcome.error !== '' || !wanted.test(outcome.out)) {
        failures.push(`${what} ${type}: ${outcome.code} ${outcome.error} ${outcome.out}`);
      }
    };
    const narrow = tableColumns(resource).flatMap(({ wide, name: title }) => (wide ? [] : [title.toUpperCase()]));
    const firstCell = narrow[0] === 'NAME' ? `${name}\\b` : '';
    const table = new RegExp(`^${narrow.join(' +').replaceAll(/[()]/g, '\\$&')} *\n${firstCell}`);
    const [got, described, explained] = await Promise.all([
      run(['get', type, name]),
      run(['describe', type, name]),
      run(['explain', resource.plural, '--api-version', resource.apiVersion]),
    ]);
    isDone(got, table, 'get');
    isDone(described, new RegExp(`^Name: +${name}\n`, 'm'), 'describe');
    isDone(explained, new RegExp(`KIND: +${resource.kind}`), 'explain');
  }
  expect(failures).toEqual([]);
});
