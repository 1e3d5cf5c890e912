import { CustomResourceDefinition } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import { hasReason } from '../../../src/base/errors.ts';
import { eventually } from './conformance.ts';
import type { Conformance } from './conformance.ts';

/** A custom kind of a test. Disposing it deletes the definition and waits until it is gone. */
export interface CustomDefinition extends AsyncDisposable {
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  /** Path of the instances in the test's namespace, in a version. */
  path(version?: string): string;
  remove(): Promise<void>;
}

/** What the definition says beside its names. */
export interface CustomDefinitionOptions {
  /** Default: one version, v1, whose schema keeps everything. */
  readonly versions?: readonly object[] | undefined;
  readonly group?: string | undefined;
  readonly names?: object | undefined;
  readonly more?: object | undefined;
}

let definitions = 0;

/** A schema that keeps everything. */
export const anything = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };

/** Makes a definition with names of its own, and waits until its kind is served. */
export async function customDefinition(
  { client, namespace }: Conformance,
  options: CustomDefinitionOptions = {},
): Promise<CustomDefinition> {
  const n = ++definitions;
  const group = options.group ?? `conformance-${n}.example.com`;
  const [plural, kind] = [`e2e-test-${n}-crds`, `E2eTest${n}Crd`];
  const name = `${plural}.${group}`;
  const versions = options.versions ?? [{ name: 'v1', served: true, storage: true, schema: anything }];
  await client.create(CustomResourceDefinition, {
    metadata: { name },
    spec: { group, scope: 'Namespaced', names: { plural, kind, ...options.names }, versions, ...options.more },
  } as never);
  await eventually(async () => {
    const { status } = await client.get(CustomResourceDefinition, { name });
    const established = status.conditions?.find(({ type }) => type === 'Established');
    if (established?.status !== 'True') throw new Error(`${name} is not established: ${JSON.stringify(status)}`);
  });
  const remove = async (): Promise<void> => {
    await client.delete(CustomResourceDefinition, { name }).catch(ignoreMissing);
    await eventually(async () => {
      const found = await client.get(CustomResourceDefinition, { name }).catch(ignoreMissing);
      if (found) throw new Error(`${name} is still there`);
    });
  };
  return {
    name,
    group,
    plural,
    kind,
    path: (version = 'v1') => `/apis/${group}/${version}/namespaces/${namespace}/${plural}`,
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

function ignoreMissing(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}
