/** The scale subresource by the paths that a definition names. Source: apiextensions' registry/customresource/etcd.go. */
import type { DefinitionSubresources } from '../../api/apiextensions/custom-resource-definition.ts';
import { StatusError } from '../../base/errors.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid } from '../../machinery/field-error.ts';
import type { ApiObject, ScaleRules } from '../../machinery/resource.ts';
import { isMutableObject, setMember } from '../../machinery/structural/prune.ts';

type ScalePaths = NonNullable<DefinitionSubresources['scale']>;

/** How a kind with these paths is scaled. */
export function customScale({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: ScalePaths): ScaleRules<ApiObject> {
  return {
    replicas(object) {
      const replicas = valueAt(object, specReplicasPath);
      if (typeof replicas === 'number') return replicas;
      const message = `the spec replicas field ${JSON.stringify(specReplicasPath)} does not exist`;
      throw new StatusError('InternalError', `Internal error occurred: ${message}`);
    },
    statusReplicas: (object) => numberAt(object, statusReplicasPath),
    selector(object) {
      const selector = labelSelectorPath ? valueAt(object, labelSelectorPath) : undefined;
      return typeof selector === 'string' ? selector : '';
    },
    setReplicas(object, replicas) {
      const names = namesOf(specReplicasPath);
      let holder: unknown = object;
      for (const name of names.slice(0, -1)) {
        if (!isMutableObject(holder)) return;
        if (!isMutableObject(holder[name])) setMember(holder, name, {});
        holder = holder[name];
      }
      if (isMutableObject(holder)) setMember(holder, names.at(-1) ?? '', replicas);
    },
  };
}

/** What is wrong with what the paths lead to; the specification only when it is what is written. */
export function scaleErrors(
  object: ApiObject,
  { specReplicasPath, statusReplicasPath, labelSelectorPath }: ScalePaths,
  { status }: { readonly status: boolean },
): FieldError[] {
  const selector = labelSelectorPath ? valueAt(object, labelSelectorPath) : undefined;
  return [
    ...(status ? [] : replicaErrors(object, specReplicasPath)),
    ...replicaErrors(object, statusReplicasPath),
    ...(labelSelectorPath && selector !== undefined && typeof selector !== 'string'
      ? [invalid(labelSelectorPath, '', `${labelSelectorPath} accessor error: not a string`)]
      : []),
  ];
}

function replicaErrors(object: ApiObject, path: string): FieldError[] {
  const value = valueAt(object, path);
  if (value === undefined) return [];
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    return [invalid(path, 0, `${path} accessor error: not an integer`)];
  }
  if (value < 0) return [invalid(path, value, 'should be a non-negative integer')];
  return value > 2_147_483_647 ? [invalid(path, value, 'should be less than or equal to 2147483647')] : [];
}

function numberAt(object: unknown, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function valueAt(object: unknown, path: string): unknown {
  return namesOf(path).reduce<unknown>(
    (holder, name) => (isMutableObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined),
    object,
  );
}

function namesOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}
