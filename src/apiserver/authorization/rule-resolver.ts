import type { PolicyRule } from '../../api/rbac/role.ts';
import type { User } from '../ports.ts';

/** What a user may do, as far as an authorizer can list it. */
export interface ResolvedRules {
  readonly rules: readonly PolicyRule[];
  /** Whether the user may do more than that. */
  readonly incomplete: boolean;
  readonly errors: readonly string[];
}

/** An authorizer that can say what a user may do in a namespace. Source: apiserver's authorizer.RuleResolver. */
export interface RuleResolver {
  rulesFor(user: User, namespace: string): ResolvedRules;
}

/** What an authorizer says that has nothing to list. */
export const noRules: ResolvedRules = { rules: [], incomplete: false, errors: [] };
