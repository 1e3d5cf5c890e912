import type { ApiObject } from '../../machinery/resource.ts';

/**
 * The class to take when none is named: of those that are marked the youngest, and of those the first by name. Source:
 * kubernetes' storage/util GetDefaultClass and plugin/pkg/admission/network/defaultingressclass.
 */
export function defaultClass<T extends ApiObject>(classes: readonly T[], marks: readonly string[]): T | undefined {
  const isDefault = ({ metadata: { annotations } }: T): boolean => marks.some((mark) => annotations?.[mark] === 'true');
  const [first] = classes.filter(isDefault).toSorted((a, b) => age(b) - age(a) || compareNames(a, b));
  return first;
}

function age({ metadata }: ApiObject): number {
  return Date.parse(metadata.creationTimestamp ?? '');
}

function compareNames(a: ApiObject, b: ApiObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
