/** What expressions of policies and match conditions see, compiled once per policy. Source: apiserver's admission/plugin/cel. */
import { celTypeOf } from '../../machinery/cel/schema-type.ts';
import { celTypes, objectType } from '../../machinery/cel/cel-type.ts';
import type { CelField, CelType } from '../../machinery/cel/cel-type.ts';
import { createCelEnvironment } from '../../machinery/cel/environment.ts';
import type { CelEnvironment, CompiledExpression } from '../../machinery/cel/environment.ts';
import type { CelLibrary } from '../../machinery/cel/library.ts';
import { authorizerType, resourceCheckType } from '../../machinery/cel/libraries/authorizer.ts';
import { jsonPatch } from '../../machinery/cel/libraries/json-patch.ts';
import { kubernetesLibraries } from '../../machinery/cel/libraries/kubernetes.ts';
import { objectConstruction } from '../../machinery/cel/libraries/object-construction.ts';
import { GroupVersionKind } from '../../machinery/meta.ts';
import { bool, defineStruct, json, struct, text } from '../../machinery/schema.ts';
import { UserInfo } from '../authentication/token-review.ts';
import { Namespace } from '../core/namespace.ts';
import type { Variable } from './validating-admission-policy.ts';

const GroupVersionResource = defineStruct('GroupVersionResource', {
  group: text(1),
  version: text(2),
  resource: text(3),
});

/** The request as expressions see it: a review's, without the objects, which are variables of their own. */
const RequestAttributes = defineStruct('kubernetes.AdmissionRequest', {
  kind: struct(2, GroupVersionKind),
  resource: struct(3, GroupVersionResource),
  subResource: text(4).optional(),
  requestKind: struct(13, GroupVersionKind).optional(),
  requestResource: struct(14, GroupVersionResource).optional(),
  requestSubResource: text(15).optional(),
  name: text(5).optional(),
  namespace: text(6).optional(),
  operation: text(7),
  userInfo: struct(8, UserInfo),
  dryRun: bool(11).optional(),
  options: json(12).optional(),
});

/** Which variables expressions have beside `object`, `oldObject`, `request` and `authorizer`. */
export interface PolicyEnvironmentOptions {
  /** `params`, the object that a binding names. */
  readonly params: boolean;
  /** `namespaceObject`, the request's namespace. Match conditions do without. */
  readonly namespaceObject: boolean;
  /** Whether expressions may construct objects and patches. */
  readonly mutation?: boolean | undefined;
}

const mutationLibraries: readonly CelLibrary[] = [...kubernetesLibraries, objectConstruction, jsonPatch];

/** The environment of expressions about requests. */
export function policyEnvironment(options: PolicyEnvironmentOptions): CelEnvironment {
  const { params, namespaceObject, mutation = false } = options;
  return createCelEnvironment({
    ...(mutation ? { libraries: mutationLibraries } : {}),
    variables: {
      object: celTypes.dyn,
      oldObject: celTypes.dyn,
      request: celTypeOf(RequestAttributes.node),
      authorizer: authorizerType,
      'authorizer.requestResource': resourceCheckType,
      ...(params ? { params: celTypes.dyn } : {}),
      ...(namespaceObject ? { namespaceObject: celTypeOf(Namespace.schema) } : {}),
    },
  });
}

/** The variables that a policy defines, compiled, and the environment in which its other expressions see them. */
export interface PolicyVariables {
  readonly environment: CelEnvironment;
  readonly compiled: readonly { readonly name: string; readonly expression: CompiledExpression }[];
}

/** Compiles a policy's variables: each sees those before it. Throws `CelError`. */
export function compileVariables(environment: CelEnvironment, variables: readonly Variable[] = []): PolicyVariables {
  const fields = new Map<string, CelField>();
  const compiled: { readonly name: string; readonly expression: CompiledExpression }[] = [];
  const extended = (): CelEnvironment => environment.extend({ variables: variablesType(new Map(fields)) });
  for (const { name, expression: text } of variables) {
    const expression = extended().compile(text);
    compiled.push({ name, expression });
    fields.set(name, { name, type: expression.type });
  }
  return { environment: extended(), compiled };
}

function variablesType(fields: ReadonlyMap<string, CelField>): CelType {
  return objectType('kubernetes.variables', () => fields, { nullFields: true });
}
