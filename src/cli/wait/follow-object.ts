import { hasReason } from '../../base/errors.ts';
import { watchLines } from '../http/watch-lines.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { Target } from '../resource/targets.ts';
import type { Session } from '../session.ts';

/** What became of a followed object. */
export type Followed = { readonly kind: 'present'; readonly object: KubeObject } | { readonly kind: 'gone' };

/** Yields an object's present state and every later one, across watches that end, until the caller stops. */
export async function* followObject(
  session: Session,
  target: Target,
  signal: AbortSignal | undefined,
): AsyncGenerator<Followed> {
  const { resource, namespace, name } = target;
  for (;;) {
    let resourceVersion: string | undefined;
    try {
      const object = asKubeObject(
        await session.connection.json({ path: apiPath(resource, { namespace, name }), signal }),
      );
      resourceVersion = object.metadata.resourceVersion;
      yield { kind: 'present', object };
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
      yield { kind: 'gone' };
    }
    const body = await session.connection.stream({
      path: apiPath(resource, { namespace }),
      query: { watch: true, fieldSelector: `metadata.name=${name}`, resourceVersion },
      signal,
    });
    for await (const { type, object } of watchLines(body)) {
      if (type === 'ERROR') break;
      if (type === 'DELETED') yield { kind: 'gone' };
      else if (type !== 'BOOKMARK') yield { kind: 'present', object: asKubeObject(object) };
    }
  }
}

/** A signal for a time limit (0: none) and an interrupt; `expired` tells which it was. */
export function deadlineSignal(
  timeout: number,
  interrupt: AbortSignal | undefined,
): { readonly signal: AbortSignal | undefined; expired(): boolean } {
  const deadline = timeout > 0 ? AbortSignal.timeout(Math.ceil(timeout)) : undefined;
  const signals = [deadline, interrupt].filter((signal) => signal !== undefined);
  return {
    signal: signals.length === 0 ? undefined : AbortSignal.any(signals),
    expired: () => deadline?.aborted ?? false,
  };
}
