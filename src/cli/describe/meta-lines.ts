/** The lines that descriptions of many kinds share. Source: kubectl's describe.go. */
import type { OwnerReference } from '../../machinery/meta.ts';
import type { Toleration } from '../../api/core/pod-spec.ts';
import type { DescribeWriter } from './describe-writer.ts';

type StringMap = Readonly<Record<string, string>> | undefined;

const maxAnnotation = 140;
const hiddenAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration']);
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Labels, or anything like them, one a line. `title` carries its own indentation. */
export function writeLabels(writer: DescribeWriter, title: string, labels: StringMap): void {
  const keys = Object.keys(labels ?? {}).toSorted();
  if (keys.length === 0) writer.line(0, `${title}:\t<none>`);
  keys.forEach((key, at) => writer.line(0, `${at === 0 ? `${title}:` : ''}\t${key}=${labels?.[key]}`));
}

/** Annotations, long ones cut and on lines of their own; what kubectl keeps for itself is left out. */
export function writeAnnotations(writer: DescribeWriter, title: string, annotations: StringMap): void {
  const keys = Object.keys(annotations ?? {})
    .filter((key) => !hiddenAnnotations.has(key))
    .toSorted();
  if (keys.length === 0) writer.line(0, `${title}:\t<none>`);
  keys.forEach((key, at) => {
    const value = (annotations?.[key] ?? '').replace(/\n$/, '');
    const lead = at === 0 ? `${title}:\t` : '\t';
    if (value.length + key.length + 2 <= maxAnnotation && !value.includes('\n')) {
      writer.line(0, `${lead}${key}: ${value}`);
      return;
    }
    writer.line(0, `${lead}${key}:`);
    for (const line of value.split('\n')) writer.line(0, `\t  ${shorten(line, maxAnnotation - 2)}`);
  });
}

/** Tolerations, sorted by key. */
export function writeTolerations(writer: DescribeWriter, title: string, tolerations: readonly Toleration[] = []): void {
  if (tolerations.length === 0) writer.line(0, `${title}:\t<none>`);
  tolerations
    .toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0))
    .forEach((toleration, at) => writer.line(0, `${at === 0 ? `${title}:` : ''}\t${tolerationText(toleration)}`));
}

function tolerationText({ key = '', value = '', effect, operator, tolerationSeconds }: Toleration): string {
  const named = `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}`;
  const exists = operator === 'Exists' && value === '' ? `${key || effect ? ' ' : ''}op=Exists` : '';
  return `${named}${exists}${tolerationSeconds === undefined ? '' : ` for ${tolerationSeconds}s`}`;
}

/** A time as descriptions show it, in the local zone: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function longTime(time: string | undefined): string {
  const date = new Date(time ?? '0001-01-01T00:00:00Z');
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${days[date.getDay()]}, ${two(date.getDate())} ${months[date.getMonth()]} ${String(date.getFullYear()).padStart(4, '0')}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

/** `ReplicaSet/web-123`, or undefined without a controller. */
export function controllerText(owners: readonly OwnerReference[] | undefined): string | undefined {
  const controller = owners?.find((owner) => owner.controller);
  return controller && `${controller.kind}/${controller.name}`;
}

/** `True` or `False` */
export function boolText(value: boolean): string {
  return value ? 'True' : 'False';
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
