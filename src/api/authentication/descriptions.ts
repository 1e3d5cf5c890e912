/** What reviews of identities and their fields are for. */
import type { Descriptions } from '../../machinery/descriptions.ts';

/** Descriptions by struct and field. */
export const descriptions: Descriptions = {
  TokenReview: { '': 'Asks whose token something is.' },
  TokenReviewSpec: {
    '': 'The question.',
    token: 'The token.',
    audiences: 'Whom it should be for; the API server by default.',
  },
  TokenReviewStatus: {
    '': 'The answer.',
    authenticated: 'Whether it is a valid token.',
    user: 'Whose it is.',
    audiences: 'Which of the audiences it is for.',
    error: 'Why it could not be found out.',
  },
  UserInfo: {
    '': 'A user.',
    username: 'Name of the user.',
    uid: 'Tells users of the same name apart.',
    groups: 'Groups of the user.',
    extra: 'More about the user.',
  },
  SelfSubjectReview: { '': 'Asks who oneself is.' },
  SelfSubjectReviewStatus: { '': 'The answer.', userInfo: 'The user who asked.' },
  TokenRequest: { '': 'Asks for a token of a ServiceAccount.' },
  TokenRequestSpec: {
    '': 'Which token.',
    audiences: 'Whom it is for; the API server if none is named.',
    expirationSeconds: 'How long it is valid, in seconds.',
    boundObjectRef: 'An object with which it ends.',
  },
  BoundObjectReference: {
    '': 'Names an object: a Pod, Secret or Node.',
    kind: 'Its kind.',
    apiVersion: 'Version of the kind.',
    name: 'Its name.',
    uid: 'Its UID.',
  },
  TokenRequestStatus: { '': 'The answer.', token: 'The token.', expirationTimestamp: 'When it ends.' },
};
