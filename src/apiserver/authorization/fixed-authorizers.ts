/** Authorizers that ask nothing: `AlwaysAllow` and `AlwaysDeny`. Source: apiserver's authorizerfactory. */
import { allow, allowPaths } from './bootstrap-rules.ts';
import type { AuthorizerPart } from './authorizer-chain.ts';
import { noRules } from './rule-resolver.ts';

/** Allows everything. */
export const alwaysAllow: AuthorizerPart = {
  authorize: () => ({ allowed: true, reason: '' }),
  rulesFor: () => ({ rules: [allow('*', '*', '*'), allowPaths('*', '*')], incomplete: false, errors: [] }),
};

/** Allows nothing; others may. */
export const alwaysDeny: AuthorizerPart = {
  authorize: () => ({ allowed: false, reason: 'Everything is forbidden.' }),
  rulesFor: () => noRules,
};
