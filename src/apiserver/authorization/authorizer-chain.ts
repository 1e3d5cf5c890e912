/** Several authorizers as one: the first that allows or denies decides. Source: apiserver's authorizer/union. */
import { systemMasters } from '../authentication/users.ts';
import type { Authorizer, Decision, RequestAttributes } from '../ports.ts';
import { errorText } from './error-text.ts';
import type { RuleResolver } from './rule-resolver.ts';

/** An authorizer that can also say what a user may do. */
export type AuthorizerPart = Authorizer & RuleResolver;

const superuser: Decision = { allowed: true, reason: '' };
const noOpinion: Decision = { allowed: false, reason: '' };

/** Makes one of several. Members of system:masters may do everything, whatever the others would say. */
export function createAuthorizerChain(parts: readonly AuthorizerPart[]): AuthorizerPart {
  return {
    authorize: (attributes) =>
      attributes.user.groups.includes(systemMasters) ? superuser : ask(parts, attributes, { from: 0, heard: [] }),
    rulesFor(user, namespace) {
      const resolved = parts.map((part) => part.rulesFor(user, namespace));
      return {
        rules: resolved.flatMap(({ rules }) => rules),
        incomplete: resolved.some(({ incomplete }) => incomplete),
        errors: resolved.flatMap(({ errors }) => errors),
      };
    },
  };
}

interface Asking {
  readonly from: number;
  /** What those before said who did not decide. */
  readonly heard: readonly Decision[];
}

function ask(
  parts: readonly AuthorizerPart[],
  attributes: RequestAttributes,
  { from, heard }: Asking,
): Decision | Promise<Decision> {
  let opinions = heard;
  for (let index = from; index < parts.length; index++) {
    const decision = parts[index]!.authorize(attributes);
    if (decision instanceof Promise) {
      const asking = { from: index + 1, heard: opinions };
      return decision.then((found) => (isDecided(found) ? found : ask(parts, attributes, hearing(asking, found))));
    }
    if (isDecided(decision)) return decision;
    if (saysSomething(decision)) opinions = [...opinions, decision];
  }
  return opinions.length === 1 ? opinions[0]! : combined(opinions);
}

function hearing({ from, heard }: Asking, decision: Decision): Asking {
  return { from, heard: saysSomething(decision) ? [...heard, decision] : heard };
}

function isDecided({ allowed, denied }: Decision): boolean {
  return allowed || denied === true;
}

function saysSomething({ reason, error }: Decision): boolean {
  return reason !== '' || error !== undefined;
}

function combined(opinions: readonly Decision[]): Decision {
  if (opinions.length === 0) return noOpinion;
  const reasons = opinions.map(({ reason }) => reason).filter((reason) => reason !== '');
  const errors = opinions.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return {
    allowed: false,
    reason: reasons.join('\n'),
    ...(errors.length > 0 ? { error: errorText(errors) } : {}),
  };
}
