/** Validation of annotations that mean something to the system. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid } from '../../machinery/field-error.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const mirror = 'kubernetes.io/config.mirror';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

/** What is wrong with the annotations of a pod or template; `nodeName` is that of its spec. */
export function podAnnotationErrors(
  annotations: Annotations,
  { nodeName }: { readonly nodeName?: string | undefined },
  path: string,
): FieldError[] {
  const copy = annotations?.[mirror];
  const cost = annotations?.[deletionCost];
  return [
    ...(copy !== undefined && !nodeName
      ? [invalid(`${path}[${mirror}]`, copy, 'must set spec.nodeName if mirror pod annotation is set')]
      : []),
    ...(cost !== undefined && !isInt32(cost)
      ? [invalid(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer')]
      : []),
  ];
}

/** What is wrong with how the annotations of a pod changed. */
export function podAnnotationChangeErrors(annotations: Annotations, old: Annotations): FieldError[] {
  const [now, before] = [annotations?.[mirror], old?.[mirror]];
  if (now === before) return [];
  const change = before === undefined ? 'add' : 'remove or update';
  return [forbidden(`metadata.annotations[${mirror}]`, `may not ${change} mirror pod annotation`)];
}

function isInt32(text: string): boolean {
  return /^(0|-?[1-9]\d*)$/.test(text) && Math.abs(Number(text)) <= 2_147_483_647;
}
