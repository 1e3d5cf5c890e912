import { Node } from '../../api/core/node.ts';
import { defineController, done, watched } from '../../client/controller.ts';

/** Where kubelets find for how many seconds they may keep what they read of the API. */
const annotation = 'node.alpha.kubernetes.io/ttl';

/** Seconds by the number of nodes. The ranges overlap, so that a cluster at a border does not go to and fro. Source: upstream's ttl controller. */
const steps = [
  { from: 0, to: 100, seconds: 0 },
  { from: 90, to: 500, seconds: 15 },
  { from: 450, to: 1000, seconds: 30 },
  { from: 900, to: 2000, seconds: 60 },
  { from: 1800, to: Infinity, seconds: 300 },
] as const;

/** The seconds for a cluster of `nodes`, given those that hold now. */
export function secondsFor(nodes: number, present: number | undefined): number {
  const step = steps.find(({ seconds }) => seconds === present);
  if (step && nodes >= step.from && nodes <= step.to) return step.seconds;
  return steps.find(({ to }) => nodes <= to)?.seconds ?? 0;
}

/** Tells every node for how long it may keep ConfigMaps and Secrets before it asks again. */
export const nodeTtl = defineController({
  name: 'ttl-controller',
  for: Node,
  rbac: { nodes: ['list', 'patch', 'update', 'watch'] },
  watches: [
    watched(Node, (_, { cache, old }) => (old ? [] : cache.list(Node).map(({ metadata: { name } }) => ({ name })))),
  ],
  async reconcile(key, { cache, client, signal }) {
    const node = cache.get(Node, key);
    if (!node) return done;
    const present = node.metadata.annotations?.[annotation];
    const wanted = secondsFor(cache.list(Node).length, present === undefined ? undefined : Number(present));
    if (present === String(wanted)) return done;
    const body = { metadata: { annotations: { [annotation]: String(wanted) } } };
    await client.patch(Node, key, { type: 'merge', body }, { signal });
    return done;
  },
});
