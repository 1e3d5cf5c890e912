import { toGoJson } from '../output/json-output.ts';
import { withValueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';

/** Holds what the last `apply` sent, so that the next one knows what was removed. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A copy that carries itself in the last-applied annotation. Objects that kubectl made itself are `typed`: their keys
 * keep their order, and no empty annotations are written.
 */
export function withLastApplied(
  object: KubeObject,
  options: { readonly typed: boolean } = { typed: false },
): KubeObject {
  const present = object.metadata.annotations !== undefined;
  const bare = present ? withValueAt(object, [...annotations, lastAppliedAnnotation], undefined) : object;
  const recorded = options.typed || present ? bare : withValueAt(bare, annotations, {});
  const text = `${toGoJson(recorded, { step: '', sorted: !options.typed })}\n`;
  return withValueAt(object, [...annotations, lastAppliedAnnotation], text);
}

const annotations = ['metadata', 'annotations'] as const;

/** What the last `apply` sent; undefined when the object was not made by one. */
export function lastAppliedOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[lastAppliedAnnotation];
}
