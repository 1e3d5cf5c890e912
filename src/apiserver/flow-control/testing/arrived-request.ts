/** Requests as flow control sees them, without a connection. */
import { ConfigMap } from '../../../api/core/config-map.ts';
import type { Resource } from '../../../machinery/resource.ts';
import type { Exchange, ResponseHeaders } from '../../http/exchange.ts';
import { RequestTarget } from '../../http/request-target.ts';
import type { ArrivedRequest } from '../flow-control.ts';

/** What a test asks for; by default a ConfigMap of the namespace `a`. */
export interface TestRequest {
  readonly verb?: string;
  readonly resource?: Resource;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a request that is about no resource. */
  readonly path?: string;
  readonly query?: string;
}

/** A request, and what its client sees. */
export interface TestExchange {
  readonly request: ArrivedRequest;
  readonly answer: { status: number; headers: ResponseHeaders; body: string } | undefined;
  /** Headers of any answer. */
  readonly standing: ResponseHeaders;
  /** Bytes of the answer that its client has not taken. */
  unsent: number;
  /** The client goes, or has all of the answer. */
  close(): void;
}

/** Makes one. */
export function testExchange(asked: TestRequest = {}): TestExchange {
  const { verb = 'get', resource = ConfigMap, subresource = '', namespace = 'a', name = 'b', query = '' } = asked;
  const closing: (() => void)[] = [];
  const seen: { answer: TestExchange['answer']; unsent: number } = { answer: undefined, unsent: 0 };
  const exchange = {
    method: asked.path === undefined ? 'GET' : verb.toUpperCase(),
    headers: {},
    standing: { 'audit-id': 'x' } as ResponseHeaders,
    isOver: false,
    get unsent() {
      return seen.unsent;
    },
    respond(status: number, headers: ResponseHeaders, body: string) {
      seen.answer = { status, headers, body };
    },
    onClose: (callback: () => void) => void closing.push(callback),
  };
  const inNamespace = namespace === '' ? '' : `namespaces/${namespace}/`;
  const target = RequestTarget.parse(
    asked.path ?? `/api/${resource.version}/${inNamespace}${resource.plural}${name === '' ? '' : `/${name}`}${query}`,
  );
  const { group, version, plural } = resource;
  const path = { group, version, plural, resource, namespace, name, subresource, watched: false, rest: '' };
  return {
    request: {
      exchange: exchange as unknown as Exchange,
      target,
      path: asked.path === undefined ? path : undefined,
      counted: { resource: asked.path === undefined ? resource : undefined, verb },
      timeout: 60_000,
    },
    get answer() {
      return seen.answer;
    },
    get standing() {
      return exchange.standing;
    },
    get unsent() {
      return seen.unsent;
    },
    set unsent(bytes) {
      seen.unsent = bytes;
    },
    close: () => {
      exchange.isOver = true;
      for (const callback of closing.splice(0)) callback();
    },
  };
}
