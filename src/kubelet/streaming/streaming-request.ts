import { StatusError } from '../../base/errors.ts';
import type { RemoteCommandOptions } from '../../client/streaming/remote-command.ts';
import { requestTarget } from './request-target.ts';

/** The pod that a request is about. */
export interface PodTarget {
  readonly namespace: string;
  readonly pod: string;
  /** Given when the caller insists on one incarnation of the pod. */
  readonly uid?: string | undefined;
}

/** An attach request. */
export interface AttachTarget extends PodTarget, RemoteCommandOptions {
  readonly container: string;
}

/** An exec request. */
export interface ExecTarget extends AttachTarget {
  readonly command: readonly string[];
}

/** What a request to the kubelet's streaming endpoints asks for. */
export type StreamingRequest =
  | { readonly kind: 'exec'; readonly target: ExecTarget }
  | { readonly kind: 'attach'; readonly target: AttachTarget }
  | { readonly kind: 'portForward'; readonly target: PodTarget; readonly ports: readonly number[] };

/**
 * Reads the path and query of a request: `/exec/NAMESPACE/POD[/UID]/CONTAINER`, `/attach/…` likewise and
 * `/portForward/NAMESPACE/POD[/UID]`. Undefined for any other path; throws a StatusError when the query makes no sense.
 */
export function parseStreamingRequest(url: string): StreamingRequest | undefined {
  const { segments, query } = requestTarget(url);
  const [kind, ...names] = segments;
  const [namespace, pod, third, fourth] = names;
  if (namespace === undefined || pod === undefined || names.length > 4) return undefined;
  if (kind === 'portForward' && names.length <= 3) {
    return { kind, target: { namespace, pod, uid: third }, ports: portsIn(query) };
  }
  if ((kind !== 'exec' && kind !== 'attach') || third === undefined) return undefined;
  const [uid, container] = fourth === undefined ? [undefined, third] : [third, fourth];
  const target = { namespace, pod, uid, container, ...streamsIn(query) };
  if (kind === 'attach') return { kind, target };
  return { kind, target: { ...target, command: query.getAll('command') } };
}

/** The kubelet's own names come first, those of the API server's query are understood too. */
function streamsIn(query: URLSearchParams): RemoteCommandOptions {
  const asked = (...names: string[]): boolean => names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''));
  const tty = asked('tty');
  const streams = {
    tty,
    stdin: asked('input', 'stdin'),
    stdout: asked('output', 'stdout'),
    // A terminal has one output; upstream drops the other silently too.
    stderr: asked('error', 'stderr') && !tty,
  };
  if (!streams.stdin && !streams.stdout && !streams.stderr) {
    throw new StatusError('BadRequest', 'you must specify at least 1 of stdin, stdout, stderr');
  }
  return streams;
}

/** Only WebSocket clients without a tunnel name their ports here. */
function portsIn(query: URLSearchParams): number[] {
  return [...query.getAll('port'), ...query.getAll('ports')]
    .flatMap((list) => list.split(','))
    .map((text) => {
      const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!(port <= 65_535)) throw new StatusError('BadRequest', `unable to parse ${JSON.stringify(text)} as a port`);
      if (port === 0) throw new StatusError('BadRequest', `port ${JSON.stringify(text)} must be > 0`);
      return port;
    });
}
