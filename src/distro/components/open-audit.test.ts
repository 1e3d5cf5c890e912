import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { systemClock } from '../../base/system-clock.ts';
import { apiServerFlags } from './api-server-flags.ts';
import { openAudit } from './open-audit.ts';
import { parseFlags } from './parse-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubets-audit-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));
const policy = join(folder, 'policy.yaml');
writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n');
const log = join(folder, 'audit.log');

function open(...args: readonly string[]) {
  const { values } = parseFlags({ component: 'kube-apiserver', flags: apiServerFlags, refused: {} }, [...args]);
  const { signal } = new AbortController();
  return openAudit(values, { clock: systemClock, random: seededRandom(), log: silentLogger, signal });
}

const attributes = {
  user: { name: 'tim', groups: [] },
  verb: 'get',
  path: '/version',
  isResource: false,
  ...{ group: '', version: '', resource: '', subresource: '', namespace: '', name: '' },
};
const request = {
  id: 'mine',
  uri: '/version',
  headers: {},
  remoteAddress: '127.0.0.1',
  isLong: false,
  annotations: {},
};

test('nothing is recorded without a policy, or without a place', async () => {
  expect(await open()).toBeUndefined();
  expect(await open(`--audit-log-path=${log}`)).toBeUndefined();
  expect(await open(`--audit-policy-file=${policy}`)).toBeUndefined();
});

test.each([
  [['--audit-policy-file=/nowhere/policy'], 'loading audit policy file: '],
  [['--audit-log-mode=later'], 'invalid audit log mode later, allowed modes are "batch,blocking,blocking-strict"'],
  [['--audit-log-format=xml'], 'invalid audit log format xml, allowed formats are "legacy,json"'],
  [['--audit-log-maxage=-1'], "--audit-log-maxage -1 can't be a negative number"],
  [['--audit-log-version=audit.k8s.io/v1beta1'], 'invalid group version, allowed versions are ["audit.k8s.io/v1"]'],
  [
    ['--audit-log-mode=batch', '--audit-log-batch-buffer-size=0'],
    'invalid audit batch log buffer size 0, must be a positive number',
  ],
  [['--audit-log-truncate-max-event-size=0'], 'invalid audit truncate log max event size 0, must be a positive number'],
  [
    ['--audit-log-truncate-max-batch-size=5'],
    'invalid audit truncate log max batch size 5, must be greater than max event size (102400)',
  ],
  [
    ['--audit-webhook-config-file=x', '--audit-webhook-batch-throttle-qps=0'],
    'invalid audit batch webhook throttle QPS 0, must be a positive number',
  ],
  [['--audit-webhook-config-file=/nowhere/x', `--audit-policy-file=${policy}`], 'initializing audit webhook: '],
])('%j is refused: %s', async (args, message) => {
  await expect(open(`--audit-log-path=${log}`, ...args)).rejects.toThrow(message);
});

test('events go to the log and to the webhook, which is shown the token of its kubeconfig', async () => {
  const heard: { readonly authorization: string | undefined; readonly body: string }[] = [];
  const collector = createServer((asked, response) => {
    let body = '';
    asked.on('data', (chunk: Buffer) => (body += chunk.toString()));
    asked.on('end', () => {
      heard.push({ authorization: asked.headers.authorization, body });
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = collector.address() as AddressInfo;
    const kubeconfig = join(folder, 'webhook');
    const cluster = { server: `http://127.0.0.1:${port}/audit` };
    writeFileSync(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user: { token: 'sesame' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    const audit = await open(
      `--audit-policy-file=${policy}`,
      `--audit-log-path=${log}`,
      `--audit-webhook-config-file=${kubeconfig}`,
    );
    const recording = audit?.begin(attributes, () => request);
    void recording?.received();
    void recording?.completed(200);
    const lines = readFileSync(log, 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { stage: string }).stage)).toEqual([
      'RequestReceived',
      'ResponseComplete',
    ]);
    // What waits in a batch is sent when the server stops.
    await audit?.close();
    expect(heard).toHaveLength(1);
    expect(heard[0]?.authorization).toBe('Bearer sesame');
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({ items: lines.map((line) => JSON.parse(line) as object) });
  } finally {
    collector.close();
    collector.closeAllConnections();
  }
});
