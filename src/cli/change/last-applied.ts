import { toGoJson } from '../output/json-output.ts';
import { valueAt, withValueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';

/** Holds what the last `apply` sent, so that the next one knows what was removed. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** A copy that carries itself in the last-applied annotation. */
export function withLastApplied(object: KubeObject): KubeObject {
  const bare = withValueAt(object, ['metadata', 'annotations', lastAppliedAnnotation], undefined);
  const annotated = valueAt(bare, 'metadata', 'annotations') === undefined ? withValueAt(bare, ['metadata', 'annotations'], {}) : bare;
  return withValueAt(object, ['metadata', 'annotations', lastAppliedAnnotation], `${toGoJson(annotated)}\n`);
}

/** What the last `apply` sent; undefined when the object was not made by one. */
export function lastAppliedOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[lastAppliedAnnotation];
}
