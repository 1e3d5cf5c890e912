import grpc from '@grpc/grpc-js';
import type { ProbeOutcome } from './probe-outcome.ts';

const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const checkPath = '/grpc.health.v1.Health/Check';

/** Succeeds when the server's health service says SERVING. Source: grpc.health.v1, two messages of one field each. */
export async function grpcProbe(target: {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<ProbeOutcome> {
  const address = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`;
  const limit = AbortSignal.timeout(target.timeoutMs);
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.primary_user_agent': 'kube-probe/1.36',
    'grpc.enable_retries': 0,
  });
  try {
    const status = await check(client, target.service, AbortSignal.any([target.signal, limit]));
    const name = servingStatuses[status] ?? String(status);
    if (name === 'SERVING') return { ok: true, message: '' };
    return { ok: false, message: `service unhealthy (responded with "${name}")` };
  } catch (error) {
    target.signal.throwIfAborted();
    const seconds = `${target.timeoutMs / 1000}s`;
    if (limit.aborted) return { ok: false, message: `timeout: health rpc did not complete within ${seconds}` };
    return { ok: false, message: describe(error, address, seconds) };
  } finally {
    client.close();
  }
}

function check(client: grpc.Client, service: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(checkPath, encodeRequest, decodeResponse, service, (error, status) => {
      signal.removeEventListener('abort', cancel);
      if (error) reject(error);
      else resolve(status ?? 0);
    });
    const cancel = (): void => call.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  });
}

/** HealthCheckRequest: field 1, a string. */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service, 'utf8');
  if (text.length === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([0x0a, ...varint(text.length)]), text]);
}

/** HealthCheckResponse: field 1, an enumeration; absent means 0. */
function decodeResponse(bytes: Buffer): number {
  return bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function describe(error: unknown, address: string, seconds: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const detail = error instanceof Error && 'details' in error ? String(error.details) : String(error);
  if (code === grpc.status.UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${detail}`;
  }
  if (code === grpc.status.UNAVAILABLE)
    return `timeout: failed to connect service "${address}" within ${seconds}: ${detail}`;
  return `error: health rpc probe failed: ${detail}`;
}
