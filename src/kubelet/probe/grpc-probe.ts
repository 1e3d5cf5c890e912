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
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    'grpc.primary_user_agent': 'kube-probe/1.36',
    'grpc.enable_retries': 0,
  });
  try {
    const status = await check(client, target);
    const name = servingStatuses[status] ?? String(status);
    if (name === 'SERVING') return { ok: true, message: '' };
    return { ok: false, message: `service unhealthy (responded with "${name}")` };
  } catch (error) {
    target.signal.throwIfAborted();
    return { ok: false, message: describe(error, address, target.timeoutMs) };
  } finally {
    client.close();
  }
}

function check(
  client: grpc.Client,
  { service, timeoutMs, signal }: { readonly service: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + timeoutMs };
    const call = client.makeUnaryRequest(checkPath, encodeRequest, decodeResponse, service, options, (error, status) => {
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

function describe(error: unknown, address: string, timeoutMs: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const detail = error instanceof Error && 'details' in error ? String(error.details) : String(error);
  const seconds = `${timeoutMs / 1000}s`;
  if (code === grpc.status.UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${detail}`;
  }
  if (code === grpc.status.DEADLINE_EXCEEDED) return `timeout: health rpc did not complete within ${seconds}`;
  if (code === grpc.status.UNAVAILABLE) return `timeout: failed to connect service "${address}" within ${seconds}: ${detail}`;
  return `error: health rpc probe failed: ${detail}`;
}
