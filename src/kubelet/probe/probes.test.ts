import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Probe } from '../../api/core/container.ts';
import { FakeClock } from '../../base/fake-clock.ts';
import { selfSigned } from '../../client/streaming/self-signed.ts';
import { FakeContainerRuntime } from '../runtime-fake/fake-container-runtime.ts';
import { RuntimeError } from '../cri/runtime-error.ts';
import { execProbe } from './exec-probe.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe, urlOf } from './http-probe.ts';
import { probeLoop } from './probe-loop.ts';
import type { Verdict } from './probe-loop.ts';
import type { ProbeType } from './probe-outcome.ts';
import { portNumber } from './run-probe.ts';
import { tcpProbe } from './tcp-probe.ts';

const { signal } = new AbortController();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function portOf(server: net.Server): Promise<number> {
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('an HTTP probe', () => {
  const probe = (url: string, timeoutMs = 1_000, headers: { name: string; value: string }[] = []) =>
    httpProbe({ url: new URL(url), headers, timeoutMs, userAgent: 'kube-probe/1.36', signal });

  test('succeeds from 200 to 399, follows redirects on its host, and sends its headers', async () => {
    const seen: http.IncomingHttpHeaders[] = [];
    const server = http.createServer((request, response) => {
      seen.push(request.headers);
      if (request.url === '/moved') response.writeHead(302, { location: '/broken' });
      else if (request.url === '/away') response.writeHead(302, { location: 'http://192.0.2.1/' });
      else response.statusCode = request.url === '/broken' ? 500 : 204;
      response.end();
    });
    const port = await portOf(server);
    expect(
      await probe(`http://127.0.0.1:${port}/`, 1_000, [
        { name: 'Host', value: 'web.test' },
        { name: 'X-A', value: '1' },
      ]),
    ).toEqual({ ok: true, message: '' });
    expect(seen[0]).toMatchObject({ host: 'web.test', 'x-a': '1', 'user-agent': 'kube-probe/1.36' });
    expect(await probe(`http://127.0.0.1:${port}/moved`)).toEqual({
      ok: false,
      message: 'HTTP probe failed with statuscode: 500',
    });
    expect(await probe(`http://127.0.0.1:${port}/away`)).toMatchObject({ ok: true });
  });

  test('does not verify certificates', async () => {
    const { cert, key } = await selfSigned();
    const port = await portOf(https.createServer({ cert, key }, (_, response) => response.end('ok')));
    expect(await probe(`https://127.0.0.1:${port}/`)).toMatchObject({ ok: true });
  });

  test('words its failures as upstream does', async () => {
    const port = await closedPort();
    expect((await probe(`http://127.0.0.1:${port}/x`)).message).toBe(
      `Get "http://127.0.0.1:${port}/x": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    );
    const silent = http.createServer(() => undefined);
    cleanUps.push(() => silent.closeAllConnections());
    const quiet = await portOf(silent);
    expect((await probe(`http://127.0.0.1:${quiet}/`, 30)).message).toBe(
      `Get "http://127.0.0.1:${quiet}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    );
  });

  test('brackets IPv6 addresses', () => {
    expect(urlOf({ path: 'x', port: 1, scheme: 'HTTP' }, 8080, 'fd00::1').href).toBe('http://[fd00::1]:8080/x');
  });
});

test('a TCP probe succeeds when it can connect', async () => {
  const port = await portOf(net.createServer());
  expect(await tcpProbe({ host: '127.0.0.1', port, timeoutMs: 1_000, signal })).toEqual({ ok: true, message: '' });
  const closed = await closedPort();
  expect((await tcpProbe({ host: '127.0.0.1', port: closed, timeoutMs: 1_000, signal })).message).toBe(
    `dial tcp 127.0.0.1:${closed}: connect: connection refused`,
  );
});

test('a gRPC probe asks the health service', async () => {
  const server = new grpc.Server();
  const definition = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: String,
    requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
    responseSerialize: (status: number) => Buffer.from([8, status]),
    responseDeserialize: Number,
  };
  server.addService({ Check: definition } as never, {
    Check: (call: { request: { service: string } }, answer: (error: null, status: number) => void) =>
      answer(null, call.request.service === 'bad' ? 2 : 1),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  cleanUps.push(() => server.forceShutdown());
  const ask = (service: string, to = port) =>
    grpcProbe({ host: '127.0.0.1', port: to, service, timeoutMs: 1_000, signal });
  expect(await ask('')).toEqual({ ok: true, message: '' });
  expect(await ask('bad')).toEqual({ ok: false, message: 'service unhealthy (responded with "NOT_SERVING")' });
  expect((await ask('', await closedPort())).message).toContain('timeout: failed to connect service "127.0.0.1:');
});

test('an exec probe goes by the exit code, and times out in its own words', async () => {
  const runtime = new FakeContainerRuntime({ clock: new FakeClock() });
  runtime.execSync = async (_, { command }) => {
    if (command[0] === 'none') throw new RuntimeError('Unknown', 'no such program', { operation: 'ExecSync' });
    if (command[0] === 'slow') throw new RuntimeError('DeadlineExceeded', 'late', { operation: 'ExecSync' });
    return { stdout: Buffer.from('out'), stderr: Buffer.from('err'), exitCode: command[0] === 'good' ? 0 : 1 };
  };
  const probe = (command: string) =>
    execProbe(runtime, { containerId: 'c', command: [command], timeoutSeconds: 1, signal });
  expect(await probe('good')).toMatchObject({ ok: true });
  expect(await probe('bad')).toEqual({ ok: false, message: 'outerr' });
  expect(await probe('none')).toMatchObject({ ok: false, errored: true });
  expect(await probe('slow')).toEqual({ ok: false, message: 'command timed out: "slow" timed out after 1s' });
});

test('a port may be named', () => {
  const container = { name: 'c', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] } as never;
  expect([
    portNumber(container, 'http'),
    portNumber(container, 81),
    portNumber(container, '82'),
    portNumber(container, 'no'),
  ]).toEqual([80, 81, 82, undefined]);
});

describe('the loop of a probe', () => {
  async function watch(type: ProbeType, probe: Partial<Probe>, answers: (at: number) => boolean | 'errored') {
    const clock = new FakeClock();
    const start = clock.now();
    const stop = new AbortController();
    cleanUps.push(() => stop.abort(new Error('over')));
    const seen: { runs: number[]; verdicts: (readonly [Verdict, number])[]; unhealthy: number[] } = {
      runs: [],
      verdicts: [],
      unhealthy: [],
    };
    const at = (): number => clock.now() - start;
    void probeLoop({
      type,
      clock,
      startedAt: start,
      signal: stop.signal,
      probe: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...probe },
      mayRun: () => true,
      onWake: () => undefined,
      run: async () => {
        seen.runs.push(at());
        const answer = answers(at());
        return { ok: answer === true, errored: answer === 'errored', message: 'no' };
      },
      report: (verdict) => void seen.verdicts.push([verdict, at()]),
      unhealthy: () => void seen.unhealthy.push(at()),
    }).catch(() => undefined);
    const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    return { seen, advance: (ms: number) => clock.advance(ms, settle) };
  }

  test('readiness runs at once and again soon, so that a pod is ready when it answers', async () => {
    const { seen, advance } = await watch('readiness', {}, (at) => at >= 400);
    await advance(2_000);
    expect(seen.runs[0]).toBe(0);
    expect(seen.verdicts).toEqual([['success', expect.any(Number)]]);
    expect(seen.verdicts[0]?.[1]).toBeLessThan(900);
    expect(seen.unhealthy).toEqual([0]);
  });

  test('the extra runs of the first seconds never bring a failure nearer', async () => {
    const { seen, advance } = await watch('startup', { failureThreshold: 2, periodSeconds: 5 }, () => false);
    await advance(4_900);
    expect(seen.verdicts).toEqual([]);
    await advance(200);
    expect(seen.verdicts).toEqual([['failure', 5_000]]);
    expect(seen.unhealthy).toEqual([0, 5_000]);
  });

  test('liveness waits for its delay and fails after its threshold, once a period', async () => {
    const { seen, advance } = await watch('liveness', { initialDelaySeconds: 3, failureThreshold: 2 }, () => false);
    await advance(13_000);
    expect(seen.runs).toEqual([3_000, 13_000]);
    expect(seen.verdicts).toEqual([['failure', 13_000]]);
  });

  test('a run that could not happen counts neither way, but is told', async () => {
    const { seen, advance } = await watch('liveness', { failureThreshold: 1, periodSeconds: 1 }, () => 'errored');
    await advance(3_000);
    expect(seen.verdicts).toEqual([]);
    expect(seen.unhealthy).toEqual([0, 1_000, 2_000, 3_000]);
  });

  test('a success threshold above one is counted once a period', async () => {
    const { seen, advance } = await watch('readiness', { successThreshold: 2, periodSeconds: 1 }, () => true);
    await advance(1_000);
    expect(seen.verdicts).toEqual([['success', 1_000]]);
  });
});
