import { bool, defineStruct, list, struct, text } from '../../../machinery/schema.ts';
import type { TypeOf } from '../../../machinery/schema.ts';

const Issuer = defineStruct('Issuer', {
  url: text(1),
  discoveryURL: text(2).optional(),
  certificateAuthority: text(3).optional(),
  audiences: list(4, text),
  audienceMatchPolicy: text(5).optional(),
  egressSelectorType: text(6).optional(),
});
const ClaimValidationRule = defineStruct('ClaimValidationRule', {
  claim: text(1).optional(),
  requiredValue: text(2).optional(),
  expression: text(3).optional(),
  message: text(4).optional(),
});
const PrefixedClaimOrExpression = defineStruct('PrefixedClaimOrExpression', {
  claim: text(1).optional(),
  prefix: text(2).optional(),
  expression: text(3).optional(),
});
const ClaimOrExpression = defineStruct('ClaimOrExpression', {
  claim: text(1).optional(),
  expression: text(2).optional(),
});
const ExtraMapping = defineStruct('ExtraMapping', { key: text(1), valueExpression: text(2) });
const ClaimMappings = defineStruct('ClaimMappings', {
  username: struct(1, PrefixedClaimOrExpression),
  groups: struct(2, PrefixedClaimOrExpression).optional(),
  uid: struct(3, ClaimOrExpression).optional(),
  extra: list(4, ExtraMapping).optional(),
});
const UserValidationRule = defineStruct('UserValidationRule', {
  expression: text(1),
  message: text(2).optional(),
});
const JWTAuthenticator = defineStruct('JWTAuthenticator', {
  issuer: struct(1, Issuer),
  claimValidationRules: list(2, ClaimValidationRule).optional(),
  claimMappings: struct(3, ClaimMappings),
  userValidationRules: list(4, UserValidationRule).optional(),
});
const AnonymousAuthConfig = defineStruct('AnonymousAuthConfig', {
  enabled: bool(1),
  conditions: list(2, defineStruct('AnonymousAuthCondition', { path: text(1) })).optional(),
});
/** The schema of the file of `--authentication-config`. */
export const AuthenticationConfiguration = defineStruct('AuthenticationConfiguration', {
  apiVersion: text(1),
  kind: text(2),
  jwt: list(3, JWTAuthenticator).optional(),
  anonymous: struct(4, AnonymousAuthConfig).optional(),
});

/** Where tokens come from, and for whom they must be. */
export type JwtIssuer = TypeOf<typeof Issuer>;
/** What must be true of the claims of a token. */
export type ClaimValidationRule = TypeOf<typeof ClaimValidationRule>;
/** A claim, with what its values are to begin with; or an expression. */
export type PrefixedClaimOrExpression = TypeOf<typeof PrefixedClaimOrExpression>;
/** Which claims make which part of a user. */
export type ClaimMappings = TypeOf<typeof ClaimMappings>;
/** What must be true of the user that was made. */
export type UserValidationRule = TypeOf<typeof UserValidationRule>;
/** How the tokens of one issuer are believed. */
export type JwtConfiguration = TypeOf<typeof JWTAuthenticator>;
/** Who may be anonymous. */
export type AnonymousConfiguration = TypeOf<typeof AnonymousAuthConfig>;
/** How users prove who they are. Source: apiserver.config.k8s.io/v1. */
export type AuthenticationConfiguration = TypeOf<typeof AuthenticationConfiguration>;
