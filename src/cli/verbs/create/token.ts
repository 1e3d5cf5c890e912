import { messageOf } from '../../../base/errors.ts';
import { CommandError } from '../../command/command-error.ts';
import { requireName } from '../../change/create-object.ts';
import { createChangePrinter } from '../../change/change-output.ts';
import { durationFlag, arrayFlag, textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { knownResources } from '../../resource/known-resources.ts';
import { asKubeObject, valueAt } from '../../resource/kube-object.ts';
import { apiPath } from '../../resource/resource-path.ts';
import { printFlags } from '../shared-flags.ts';

const flags = {
  ...printFlags,
  audience: arrayFlag(
    'Audience of the requested token. If unset, defaults to requesting a token for use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences.',
  ),
  'bound-object-kind': textFlag(
    'Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret. If set, --bound-object-name must be provided.',
  ),
  'bound-object-name': textFlag(
    'Name of an object to bind the token to. The token will expire when the object is deleted. Requires --bound-object-kind.',
  ),
  'bound-object-uid': textFlag(
    'UID of an object to bind the token to. Requires --bound-object-kind and --bound-object-name. If unset, the UID of the existing object is used.',
  ),
  duration: durationFlag(
    'Requested lifetime of the issued token. If not set or if set to 0, the lifetime will be determined by the server automatically. The server may return a token with a longer or shorter lifetime.',
  ),
} as const;

const boundVersions: Readonly<Record<string, string>> = { Node: 'v1', Pod: 'v1', Secret: 'v1' };

/** `kubectl create token` */
export const createToken = defineVerb({
  usage: 'create token SERVICE_ACCOUNT_NAME',
  long: 'Request a service account token.',
  examples: `# Request a token to authenticate to the kube-apiserver as the service account "myapp" in the current namespace
kubectl create token myapp

# Request a token with a custom expiration
kubectl create token myapp --duration 10m

# Request a token with a custom audience
kubectl create token myapp --audience https://example.com`,
  flags,
  async run({ args, flags: given, session, io, command }) {
    const name = requireName(args, command);
    const kind = given['bound-object-kind'];
    if (kind && !boundVersions[kind])
      throw new CommandError(`supported --bound-object-kind values are Node, Pod, Secret`);
    if (kind && !given['bound-object-name']) {
      throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
    }
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: given.audience,
        ...(given.duration > 0 ? { expirationSeconds: Math.floor(given.duration / 1000) } : {}),
        ...(kind
          ? {
              boundObjectRef: {
                kind,
                apiVersion: boundVersions[kind],
                name: given['bound-object-name'],
                uid: given['bound-object-uid'],
              },
            }
          : {}),
      },
    };
    const path = apiPath(knownResources.ServiceAccount, {
      namespace: session.namespace.name,
      name,
      subresource: 'token',
    });
    const answer = asKubeObject(
      await session.connection.json({ method: 'POST', path, body }).catch((error: unknown) => {
        throw new CommandError(`failed to create token: ${messageOf(error)}`, { cause: error });
      }),
    );
    if (given.output === '') io.stdout.write(`${String(valueAt(answer, 'status', 'token') ?? '')}\n`);
    else (await createChangePrinter(io, given, { dryRun: 'none' }))(answer, 'created');
  },
});
