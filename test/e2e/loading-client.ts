import { kubetsImageName } from '../../src/distro/images/kubets-image.ts';
import { eventually, succeed } from './run.ts';
import type { TestMachine } from './test-machine.ts';

/** What became of the requests. */
export interface LoadCounts {
  readonly sent: number;
  readonly ok: number;
  /** When, and why. */
  readonly failed: readonly string[];
}

/** A pod that sends requests to the Service `web`. */
export interface Load {
  /** Waits until it has sent so many. */
  sent(count: number): Promise<void>;
  /** Ends it, and says what became of its requests. */
  stop(): Promise<LoadCounts>;
}

/** Each request on a fresh connection; prints how many were sent, and at the end what became of them. */
const script = (everyMs: number): string => `
const http = require('node:http');
const counts = { sent: 0, ok: 0, failed: [] };
const send = () => {
  counts.sent++;
  const fail = (why) => counts.failed.push(new Date().toISOString() + ' ' + why);
  const request = http.get({ host: 'web', port: 80, path: '/', agent: false, timeout: 5000 }, (response) => {
    response.resume();
    response.on('end', () => (response.statusCode === 200 ? counts.ok++ : fail('status ' + response.statusCode)));
    response.on('error', (error) => fail(String(error)));
  });
  request.on('timeout', () => request.destroy(new Error('no answer in 5 s')));
  request.on('error', (error) => fail(String(error)));
};
const timer = setInterval(send, ${everyMs});
process.on('SIGUSR2', () => { clearInterval(timer); setTimeout(() => console.log('RESULT ' + JSON.stringify(counts)), 6000); });
setInterval(() => console.log('sent ' + counts.sent), 1000);
`;

/** Starts a pod `client` that sends a request every `everyMs` to the Service `web`. */
export async function startLoad(machine: TestMachine, everyMs: number): Promise<Load> {
  const { kubectl } = machine;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'client' },
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          name: 'client',
          image: kubetsImageName,
          imagePullPolicy: 'Never',
          command: ['node', '-e', script(everyMs)],
        },
      ],
    },
  };
  await succeed(machine.kubectlArgv('upstream', ['apply', '-f', '-']), { input: JSON.stringify(pod) });
  await kubectl('wait', '--for=condition=Ready', 'pod/client', '--timeout=30s');
  return {
    async sent(count) {
      await eventually(
        `${count} requests sent`,
        async () => {
          const last = (await kubectl('logs', 'client', '--tail=1')).trim();
          return Number(/sent (\d+)/.exec(last)?.[1] ?? 0) >= count;
        },
        { timeoutMs: 90_000, everyMs: 300 },
      );
    },
    async stop() {
      await kubectl('exec', 'client', '--', 'node', '-e', "process.kill(1, 'SIGUSR2')");
      const result = await eventually(
        'the result',
        async () => /RESULT (.*)/.exec(await kubectl('logs', 'client'))?.[1],
      );
      return JSON.parse(result) as LoadCounts;
    },
  };
}
