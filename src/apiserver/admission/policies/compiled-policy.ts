/** Policies and match conditions, compiled once per version of their object. */
import type { MatchCondition } from '../../../api/admissionregistration/validating-webhook-configuration.ts';
import type { Variable } from '../../../api/admissionregistration/validating-admission-policy.ts';
import { compileVariables, policyEnvironment } from '../../../api/admissionregistration/policy-environment.ts';
import type { PolicyVariables } from '../../../api/admissionregistration/policy-environment.ts';
import { messageOf } from '../../../base/errors.ts';
import { CelError } from '../../../machinery/cel/cel-error.ts';
import type { CompiledExpression } from '../../../machinery/cel/environment.ts';
import { matchConditionsCostBudget, perCallLimit, runtimeCostBudget } from '../../../machinery/cel/limits.ts';
import type { CelValue } from '../../../machinery/cel/values.ts';
import { unlessPending } from './when-decided.ts';

/** What expressions are evaluated with. */
export type Bindings = Readonly<Record<string, unknown>>;

/** What the expressions of one binding may cost together. */
export class CostBudget {
  #remaining: number;

  constructor(budget: number = runtimeCostBudget) {
    this.#remaining = budget;
  }

  /** Evaluates within what is left. Throws `CelError`. */
  evaluate({ program }: CompiledExpression, bindings: Bindings): CelValue {
    try {
      const { value, cost } = program.evaluate(bindings, { costLimit: Math.min(this.#remaining, perCallLimit) });
      this.#remaining -= cost;
      return value;
    } catch (error) {
      if (error instanceof CelError) this.#remaining -= error.cost;
      throw error;
    }
  }
}

/** The bindings with `variables`: each is computed when it is first looked at. */
export function withVariables({ compiled }: PolicyVariables, bindings: Bindings, budget: CostBudget): Bindings {
  const variables: Record<string, unknown> = {};
  const all = { ...bindings, variables };
  for (const { name, expression } of compiled) {
    let known: { readonly value: CelValue } | undefined;
    const get = (): CelValue => (known ??= { value: budget.evaluate(expression, all) }).value;
    Object.defineProperty(variables, name, { get, enumerable: true });
  }
  return all;
}

/** Conditions under which a request is a webhook's or policy's business at all. */
export interface CompiledConditions {
  /** Throws an Error when a condition fails to evaluate and no other one is false. */
  hold(bindings: Bindings, budget?: CostBudget): boolean;
}

const withoutParams = { params: false, namespaceObject: false } as const;
const conditionsByList = new WeakMap<readonly MatchCondition[], CompiledConditions>();

/** The match conditions of a webhook. Throws `CelError`. */
export function webhookConditions(conditions: readonly MatchCondition[]): CompiledConditions {
  let compiled = conditionsByList.get(conditions);
  if (!compiled) {
    compiled = compileConditions(conditions, { environment: policyEnvironment(withoutParams), compiled: [] });
    conditionsByList.set(conditions, compiled);
  }
  return compiled;
}

/** Match conditions in an environment. */
export function compileConditions(
  conditions: readonly MatchCondition[],
  { environment }: PolicyVariables,
): CompiledConditions {
  const compiled = conditions.map(({ name, expression }) => ({ name, expression: environment.compile(expression) }));
  return {
    hold(bindings, budget = new CostBudget(matchConditionsCostBudget)) {
      let failure: Error | undefined;
      for (const { name, expression } of compiled) {
        try {
          if (budget.evaluate(expression, bindings) !== true) return false;
        } catch (error) {
          unlessPending(error);
          // A later condition may still say that none of this matters.
          failure ??= new Error(`match condition ${JSON.stringify(name)} failed: ${messageOf(error)}`);
        }
      }
      if (failure) throw failure;
      return true;
    },
  };
}

/** What of a policy every kind of policy has. */
export interface PolicyStatement {
  readonly paramKind?: unknown;
  readonly variables?: readonly Variable[] | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
}

/** Variables and conditions of a policy. Throws `CelError`. */
export function compileStatement(
  { paramKind, variables, matchConditions = [] }: PolicyStatement,
  { mutation }: { readonly mutation: boolean },
): {
  readonly variables: PolicyVariables;
  readonly conditions: CompiledConditions;
} {
  const environment = policyEnvironment({ params: paramKind !== undefined, namespaceObject: true, mutation });
  const compiled = compileVariables(environment, variables);
  return { variables: compiled, conditions: compileConditions(matchConditions, compiled) };
}
