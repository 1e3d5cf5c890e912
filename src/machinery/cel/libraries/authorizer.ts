/**
 * `authorizer.group('apps').resource('deployments').check('create').allowed()`. Who decides is up to the environment:
 * bind `authorizer` to a `CelAuthorizer`. Source: apiserver's pkg/cel/library/authz.go.
 */
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../formats.ts';
import type { CallCost, Range } from '../call-cost.ts';
import {
  actualSizeAt,
  addRanges,
  creationCost,
  exactly,
  fixedCost,
  scaleRange,
  sizeAt,
  traversalFactor,
} from '../call-cost.ts';
import { CelPending, fail } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes, objectType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { memberOverload as member } from '../library.ts';
import { CelOpaque } from '../values.ts';
import { nominalCost } from './kubernetes-costs.ts';

/** What an expression asks. With `path` it is about a non-resource URL, else about a resource. */
export interface AuthorizationQuery {
  readonly verb: string;
  /** Asks for a service account instead of the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string } | undefined;
  readonly path?: string | undefined;
  readonly group?: string | undefined;
  readonly resource?: string | undefined;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** The answer. */
export interface AuthorizationDecision {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string | undefined;
}

/** Who answers; a promise makes `evaluateAsync` wait and evaluate again. */
export type Decide = (query: AuthorizationQuery) => AuthorizationDecision | Promise<AuthorizationDecision>;

type Attributes = Omit<AuthorizationQuery, 'verb'>;

const authorization = (name: string) => objectType(`kubernetes.authorization.${name}`);
/** The type of the `authorizer` variable. */
export const authorizerType = authorization('Authorizer');
const pathCheckType = authorization('PathCheck');
const groupCheckType = authorization('GroupCheck');
/** The type of the `authorizer.requestResource` variable. */
export const resourceCheckType = authorization('ResourceCheck');
const decisionType = authorization('Decision');

/** An authorizer, or a check that is being put together. */
export class CelAuthorizer extends CelOpaque {
  readonly type: typeof authorizerType;
  readonly attributes: Attributes;
  readonly #decide: Decide;
  readonly #known: Map<string, AuthorizationDecision>;

  constructor(decide: Decide, { type = authorizerType, attributes = {}, known = new Map() }: CheckParts = {}) {
    super();
    this.#decide = decide;
    this.#known = known;
    this.type = type;
    this.attributes = attributes;
  }

  equals(other: CelOpaque): boolean {
    return this === other;
  }

  /** The same check with more said. */
  with(type: typeof authorizerType, attributes: Attributes): CelAuthorizer {
    return new CelAuthorizer(this.#decide, {
      type,
      attributes: { ...this.attributes, ...attributes },
      known: this.#known,
    });
  }

  /** The decision, remembered: an evaluation that had to wait starts again from the beginning. */
  check(verb: string): AuthorizationDecision {
    const query = { ...this.attributes, verb };
    const key = JSON.stringify(query);
    const known = this.#known.get(key);
    if (known) return known;
    const decision = this.#decide(query);
    if (!(decision instanceof Promise)) return decision;
    throw new CelPending(decision.then((found) => void this.#known.set(key, found)));
  }
}

interface CheckParts {
  readonly type?: typeof authorizerType;
  readonly attributes?: Attributes;
  readonly known?: Map<string, AuthorizationDecision>;
}

class CelDecision extends CelOpaque {
  readonly type = decisionType;
  readonly decision: AuthorizationDecision;

  constructor(decision: AuthorizationDecision) {
    super();
    this.decision = decision;
  }

  equals(other: CelOpaque): boolean {
    return this === other;
  }
}

/** The check of the resource that a request is about, for the variable `authorizer.requestResource`. */
export function requestResourceCheck(authorizer: CelAuthorizer, attributes: Attributes): CelAuthorizer {
  return authorizer.with(resourceCheckType, attributes);
}

const { string, bool } = celTypes;

function serviceAccount(authorizer: CelAuthorizer, namespace: string, name: string): CelAuthorizer {
  if (dns1123SubdomainErrors(name).length > 0) fail('Invalid service account name');
  if (dns1123LabelErrors(namespace).length > 0) fail('Invalid service account namespace');
  return authorizer.with(authorizerType, { serviceAccount: { namespace, name } });
}

const notBlank = (text: string, what: string): string =>
  text.trim() === '' ? fail(`${what} must not be empty`) : text;
const check = (asked: CelAuthorizer, verb: string): CelDecision => new CelDecision(asked.check(verb));

/** What narrows a check of resources down. */
const narrow = (
  name: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector',
  id: string,
  cost: CallCost,
) => ({
  name,
  cost,
  overloads: [
    member(id, [resourceCheckType, string], resourceCheckType, (asked: CelAuthorizer, value: string) =>
      asked.with(resourceCheckType, { [name]: value }),
    ),
  ],
});

/** A selector is read, and becomes a list of requirements: at worst one for every two characters. */
function selectorCost(size: Range): Range {
  const requirements = scaleRange(scaleRange(size, 0.5), creationCost.list + creationCost.message);
  return addRanges(exactly(creationCost.list), scaleRange(size, traversalFactor), requirements);
}

const selecting: CallCost = {
  estimate: (call) => ({ cost: selectorCost(sizeAt(call, 1)) }),
  actual: (args) => selectorCost(exactly(actualSizeAt(args, 1))).max,
};

/** Two checks are as many as one expression can afford. */
const checkCost = fixedCost(350_000);

const answer = (name: string, type: CelType, read: (found: AuthorizationDecision) => boolean | string) => ({
  name,
  cost: nominalCost,
  overloads: [member(`decision_${name}`, [decisionType], type, ({ decision }: CelDecision) => read(decision))],
});

/** The functions of authorizers. */
export const authorizerFunctions: CelLibrary = {
  name: 'authorizer',
  functions: [
    {
      name: 'path',
      cost: nominalCost,
      overloads: [
        member('authorizer_path', [authorizerType, string], pathCheckType, (asked: CelAuthorizer, path: string) =>
          asked.with(pathCheckType, { path: notBlank(path, 'path') }),
        ),
      ],
    },
    {
      name: 'group',
      cost: nominalCost,
      overloads: [
        member('authorizer_group', [authorizerType, string], groupCheckType, (asked: CelAuthorizer, group: string) =>
          asked.with(groupCheckType, { group }),
        ),
      ],
    },
    {
      name: 'serviceAccount',
      cost: nominalCost,
      overloads: [
        member('authorizer_serviceaccount', [authorizerType, string, string], authorizerType, serviceAccount),
      ],
    },
    {
      name: 'resource',
      cost: nominalCost,
      overloads: [
        member(
          'groupcheck_resource',
          [groupCheckType, string],
          resourceCheckType,
          (asked: CelAuthorizer, name: string) =>
            asked.with(resourceCheckType, { resource: notBlank(name, 'resource') }),
        ),
      ],
    },
    narrow('subresource', 'resourcecheck_subresource', nominalCost),
    narrow('namespace', 'resourcecheck_namespace', nominalCost),
    narrow('name', 'resourcecheck_name', nominalCost),
    narrow('fieldSelector', 'authorizer_fieldselector', selecting),
    narrow('labelSelector', 'authorizer_labelselector', selecting),
    {
      name: 'check',
      cost: checkCost,
      overloads: [
        member('pathcheck_check', [pathCheckType, string], decisionType, check),
        member('resourcecheck_check', [resourceCheckType, string], decisionType, check),
      ],
    },
    answer('allowed', bool, ({ allowed }) => allowed),
    answer('reason', string, ({ reason }) => reason),
    answer('errored', bool, ({ error }) => error !== undefined),
    answer('error', string, ({ error }) => error ?? ''),
  ],
};
