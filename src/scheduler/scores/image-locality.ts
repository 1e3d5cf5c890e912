import type { ScorePlugin } from '../plugin.ts';

const floorBytes = 23 * 1024 * 1024;
const ceilingBytes = 1000 * 1024 * 1024;

/** Prefers nodes that have the pod's big images already. */
export const imageLocality: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare({ pod }) {
    const wanted = new Set(pod.spec.containers.map((container) => container.image));
    return ({ node }) => {
      const present = (node.status.images ?? []).filter((image) =>
        (image.names ?? []).some((name) => wanted.has(name)),
      );
      const bytes = present.reduce((sum, image) => sum + (image.sizeBytes ?? 0), 0);
      const bounded = Math.min(Math.max(bytes, floorBytes), ceilingBytes * wanted.size);
      return Math.floor(((bounded - floorBytes) * 100) / (ceilingBytes * wanted.size - floorBytes));
    };
  },
};
