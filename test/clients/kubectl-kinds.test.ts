/** Upstream's kubectl gets, describes and explains an object of every kind. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtinResources } from '../../src/api/registry.ts';
import { samples } from '../../src/api/testing/sample-objects.ts';
import type { Sample } from '../../src/api/testing/sample-objects.ts';
import { tableColumns } from '../../src/apiserver/table/table.ts';
import { httpsCluster } from '../../src/distro/testing/https-cluster.ts';
import type { HttpsCluster } from '../../src/distro/testing/https-cluster.ts';
import { upstreamKubectl } from '../../tools/upstream-clients.ts';
import { clientProgram } from './run-client.ts';

let cluster: HttpsCluster;

beforeAll(async () => {
  // Samples stand for themselves: nothing reacts to them.
  cluster = await httpsCluster({});
  for (const { resource, object } of samples()) {
    if (!resource.storedAs) await cluster.client.create(resource, object);
  }
}, 60_000);

afterAll(() => cluster[Symbol.asyncDispose]());

/** Such as `deployments.v1.apps`: also where several versions are served, only one is meant. */
const typeOf = ({ resource }: Sample): string => [resource.plural, resource.version, resource.group].join('.');

/** The table in which kubectl shows a sample: its heading, rows of samples like it, its own. */
function tableOf({ resource, object }: Sample): RegExp {
  const columns = tableColumns(resource).flatMap(({ wide, name }) => (wide ? [] : [name.toUpperCase()]));
  const heading = columns.join(' +').replaceAll(/[()]/g, '\\$&');
  const kind = [resource.kind.toLowerCase(), resource.group].filter(Boolean).join('.');
  // Events have no column for their name.
  const row = columns[0] === 'NAME' ? `${kind}/${object.metadata.name}\\b` : '.*A sample was taken';
  return new RegExp(`^${heading} *\n(.+\n)*${row}`, 'm');
}

/** What 1.32 describes only in beta versions, which a server of 1.36 serves no longer unless told to. */
const betaFor132: ReadonlySet<string> = new Set(['IPAddress', 'ServiceCIDR', 'VolumeAttributesClass']);

describe.each(['1.32', '1.36'] as const)('kubectl %s', { concurrent: true, timeout: 120_000 }, (version) => {
  const kubectl = () => clientProgram(upstreamKubectl(version), { cluster, home: version });

  // One process for many kinds: starting it takes longer than what it does.
  test('gets every kind', async () => {
    const targets = samples().map((sample) => `${typeOf(sample)}/${sample.object.metadata.name}`);
    const { text } = await kubectl().run(['get', ...targets]);
    expect(
      samples()
        .filter((sample) => !tableOf(sample).test(text))
        .map(typeOf),
      text,
    ).toEqual([]);
    expect(text.split('\n').filter((line) => /^(error|Error|Warning)/.test(line))).toEqual([
      'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    ]);
  });

  test('describes every kind', async () => {
    const described = samples().filter(({ resource }) => version !== '1.32' || !betaFor132.has(resource.kind));
    const namesakes = described.filter(({ object }) => object.metadata.name === 'sample');
    const { text } = await kubectl().run(['describe', namesakes.map(typeOf).join(','), 'sample']);
    expect(text.match(/^Name: +sample$/gm), text).toHaveLength(namesakes.length);
    for (const sample of described.filter((one) => !namesakes.includes(one))) {
      const { name } = sample.object.metadata;
      await kubectl().prints(['describe', typeOf(sample), name], new RegExp(`^Name: +${name}$`, 'm'));
    }
  });

  test('explains every kind, all the way down', async () => {
    const program = kubectl();
    const waiting = builtinResources.filter(({ verbs }) => verbs.includes('get'));
    const failed: string[] = [];
    const work = async (): Promise<void> => {
      for (let resource = waiting.pop(); resource; resource = waiting.pop()) {
        const { plural, apiVersion, kind } = resource;
        const { text } = await program.run(`explain --recursive ${plural} --api-version=${apiVersion}`);
        const isExplained = /KIND: +(\w+)\nVERSION: [^]*\nDESCRIPTION:\n +\S[^]*\nFIELDS:\n[^]*metadata/.exec(text);
        if (isExplained?.[1] !== kind) failed.push(`${apiVersion} ${plural}: ${text}`);
      }
    };
    await Promise.all([work(), work()]);
    expect(failed).toEqual([]);
  });
});
