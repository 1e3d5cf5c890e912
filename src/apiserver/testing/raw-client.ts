/** A plain HTTP/2 client for tests that look at the wire. */
import { connect } from 'node:http2';
import type {
  ClientHttp2Session,
  IncomingHttpHeaders,
  IncomingHttpStatusHeader,
  OutgoingHttpHeaders,
} from 'node:http2';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { HttpsTestServer } from './https-server.ts';
import type { TestCertificate } from '../../machinery/testing/test-certificates.ts';

/** A response, whole. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body parsed. */
  json(): Record<string, never> & Record<string, unknown>;
}

/** A connection to a test server. */
export interface RawClient extends Disposable {
  request(
    path: string,
    options?: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer },
  ): Promise<RawAnswer>;
  /** The lines of a response as they come. */
  lines(path: string, headers?: OutgoingHttpHeaders): AsyncIterableIterator<string>;
  /** A response whose body goes on: its headers, and its bytes as they come. */
  stream(
    path: string,
    headers?: OutgoingHttpHeaders,
  ): Promise<{ readonly headers: RawAnswer['headers']; readonly chunks: AsyncIterable<Buffer> }>;
}

/** Connects as a user, by default the administrator; 'anonymous' presents no certificate. */
export function rawClient(server: HttpsTestServer, user: TestCertificate | 'anonymous' = server.admin): RawClient {
  const session: ClientHttp2Session = connect(server.url, {
    ca: server.authority.cert,
    ...(user === 'anonymous' ? {} : user),
  });
  session.on('error', () => undefined);
  return {
    async request(path, { method = 'GET', headers = {}, body } = {}) {
      const stream = session.request(
        { ':method': method, ':path': path, ...headers },
        { endStream: body === undefined },
      );
      if (body !== undefined) stream.end(body);
      const [answer] = (await once(stream, 'response')) as [RawAnswer['headers']];
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const text = bytes.toString();
      return { status: Number(answer[':status']), headers: answer, bytes, text, json: () => JSON.parse(text) };
    },
    async *lines(path, headers = {}) {
      const stream = session.request({ ':path': path, ...headers });
      try {
        for await (const line of createInterface({ input: stream })) yield line;
      } finally {
        stream.close();
      }
    },
    async stream(path, headers = {}) {
      const chunks = session.request({ ':path': path, ...headers });
      const [answer] = (await once(chunks, 'response')) as [RawAnswer['headers']];
      return { headers: answer, chunks };
    },
    [Symbol.dispose]: () => session.destroy(),
  };
}
