import type { PodTemplateSpec } from '../../api/core/pod-spec.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';

/** The label by which a deployment tells its replica sets' pods apart. */
export const templateHashLabel = 'pod-template-hash';

/** As `randomSuffix` uses: no vowels and no look-alikes. Source: apimachinery util/rand. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * A short text that is the same for equal templates, whatever the order of their members. `collisions` changes it
 * when a name turned out to be taken by something else.
 */
export function templateHash(template: PodTemplateSpec, collisions = 0): string {
  let hash = 0x811c9dc5;
  const feed = (text: string): void => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  };
  feed(canonical(template));
  if (collisions > 0) feed(`#${collisions}`);
  return String(hash).replace(/\d/g, (digit) => alphabet[digit.charCodeAt(0) % alphabet.length] ?? '');
}

/** Whether two templates make the same pods; the hash label itself does not count. */
export function equalTemplates(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return equalJson(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [templateHashLabel]: _, ...labels } = template.metadata.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
