import type { ApiObject, Resource } from '../machinery/resource.ts';
import { keyString, keyOf } from '../machinery/resource.ts';
import type { KindFeed, Watched } from './controller.ts';
import type { Informer } from './informer.ts';
import type { InformerSet } from './informer-set.ts';

interface Followed {
  readonly resource: Resource;
  readonly informer: Informer;
  readonly subscription: Disposable;
}

/** Watches the kinds of a feed while they exist, each by `subscribe`. Dispose to end. */
export function followKinds(
  feed: KindFeed,
  { informers }: { readonly informers: InformerSet },
  subscribe: (watched: Watched) => Disposable,
): Disposable {
  const followed = new Map<string, Followed>();
  const end = (key: string): void => {
    const known = followed.get(key);
    if (!known) return;
    followed.delete(key);
    known.subscription[Symbol.dispose]();
    informers.forget(known.informer);
    feed.gone(known.resource);
  };
  const begin = (key: string, resource: Resource): void => {
    const { watched, indexes } = feed.come(resource);
    const informer = informers.informer(resource);
    for (const { name, values } of indexes) informer.cache.addIndex(name, values);
    followed.set(key, { resource, informer, subscription: subscribe(watched) });
  };
  const source = informers.informer(feed.from).subscribe(({ type, object }) => {
    const key = keyString(keyOf(object));
    const wanted = type === 'deleted' ? undefined : feed.kindOf(object);
    const known = followed.get(key)?.resource;
    if (wanted && known && isSameKind(wanted, known)) return;
    end(key);
    if (wanted) begin(key, wanted);
  });
  return {
    [Symbol.dispose]() {
      source[Symbol.dispose]();
      for (const { subscription } of followed.values()) subscription[Symbol.dispose]();
    },
  };
}

function isSameKind(a: Resource<ApiObject>, b: Resource<ApiObject>): boolean {
  return a.apiVersion === b.apiVersion && a.plural === b.plural && a.kind === b.kind && a.namespaced === b.namespaced;
}
