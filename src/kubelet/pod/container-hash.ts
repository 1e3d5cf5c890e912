import type { AnyContainer } from './pod-facts.ts';

/**
 * A number that changes when a running container no longer matches its spec. Like upstream's since 1.31 it covers only
 * name and image, the fields that can change in place: a new version of the API must not restart containers.
 */
export function containerHash(container: AnyContainer): string {
  const text = JSON.stringify({ name: container.name, image: container.image ?? '' });
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(16);
}
