import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { readKeyValues } from '../../change/key-values.ts';
import { CommandError } from '../../command/command-error.ts';
import { arrayFlag, boolFlag, sliceFlag, textFlag } from '../../command/flags.ts';
import { defineVerb } from '../../command/verb.ts';
import { toGoJson } from '../../output/json-output.ts';

const appendHash = boolFlag('Append a hash of the secret to its name.');
const fromFile = sliceFlag(
  'Key files can be specified using their file path, in which case a default name will be given to them, or optionally with a name and file path, in which case the given name will be used.  Specifying a directory will iterate each named file in the directory that is a valid secret key.',
);

const genericFlags = {
  ...createFlags,
  'append-hash': appendHash,
  'from-env-file': sliceFlag('Specify the path to a file to read lines of key=val pairs to create a secret.'),
  'from-file': fromFile,
  'from-literal': arrayFlag('Specify a key and literal value to insert in secret (i.e. mykey=somevalue)'),
  type: textFlag('The type of secret to create'),
} as const;

const generic = defineVerb({
  usage:
    'create secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  long: 'Create a secret based on a file, directory, or specified literal value.',
  examples: `# Create a new secret named my-secret with key1=supersecret and key2=topsecret
kubectl create secret generic my-secret --from-literal=key1=supersecret --from-literal=key2=topsecret

# Create a new secret named my-secret with specified keys instead of names on disk
kubectl create secret generic my-secret --from-file=ssh-privatekey=path/to/id_rsa`,
  flags: genericFlags,
  async run(invocation) {
    const { args, flags, io, command } = invocation;
    const name = requireName(args, command);
    const sources = { files: flags['from-file'], literals: flags['from-literal'], envFiles: flags['from-env-file'] };
    const data = [...readKeyValues(sources, { cwd: io.cwd, env: io.env, kind: 'Secret', name })].map(([key, value]) => [
      key,
      value.toString('base64'),
    ]);
    await createObject(invocation, 'Secret', {
      metadata: { name },
      ...(data.length > 0 ? { data: Object.fromEntries(data) } : {}),
      ...(flags.type ? { type: flags.type } : {}),
    });
  },
});

const tlsFlags = {
  ...createFlags,
  'append-hash': appendHash,
  cert: textFlag('Path to PEM encoded public key certificate.'),
  key: textFlag('Path to private key associated with given certificate.'),
} as const;

const tls = defineVerb({
  usage: 'create secret tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
  long: `Create a TLS secret from the given public/private key pair.

 The public/private key pair must exist beforehand. The public key certificate must be .PEM encoded and match the given private key.`,
  examples: `# Create a new TLS secret named tls-secret with the given key pair
kubectl create secret tls tls-secret --cert=path/to/tls.crt --key=path/to/tls.key`,
  flags: tlsFlags,
  async run(invocation) {
    const { args, flags, io, command } = invocation;
    const name = requireName(args, command);
    if (!flags.key || !flags.cert) throw new CommandError('key and cert must be specified');
    const cert = readFile(resolve(io.cwd, flags.cert), flags.cert);
    const key = readFile(resolve(io.cwd, flags.key), flags.key);
    requirePair(cert, key);
    await createObject(invocation, 'Secret', {
      metadata: { name },
      data: { 'tls.crt': cert.toString('base64'), 'tls.key': key.toString('base64') },
      type: 'kubernetes.io/tls',
    });
  },
});

const registryFlags = {
  ...createFlags,
  'append-hash': appendHash,
  'docker-email': textFlag('Email for Docker registry'),
  'docker-password': textFlag('Password for Docker registry authentication'),
  'docker-server': textFlag('Server location for Docker registry', { initial: 'https://index.docker.io/v1/' }),
  'docker-username': textFlag('Username for Docker registry authentication'),
  'from-file': fromFile,
} as const;

const dockerRegistry = defineVerb({
  usage:
    'create secret docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
  long: 'Create a new secret for use with Docker registries.',
  examples: `# Create a secret for pulling images from a registry that asks for a password
kubectl create secret docker-registry my-secret --docker-server=registry.example:5000 --docker-username=me --docker-password=secret --docker-email=me@example.com`,
  flags: registryFlags,
  async run(invocation) {
    const { args, flags, io, command } = invocation;
    const name = requireName(args, command);
    const config = flags['from-file'].length > 0 ? configFromFile() : configFromFlags();
    await createObject(invocation, 'Secret', {
      metadata: { name },
      data: { '.dockerconfigjson': config },
      type: 'kubernetes.io/dockerconfigjson',
    });

    function configFromFile(): string {
      const sources = { files: flags['from-file'], literals: [], envFiles: [] };
      const data = readKeyValues(sources, { cwd: io.cwd, env: io.env, kind: 'Secret', name });
      const found = data.get('.dockerconfigjson');
      if (!found) throw new CommandError('the file must be given the key .dockerconfigjson');
      return found.toString('base64');
    }

    function configFromFlags(): string {
      const {
        'docker-server': server,
        'docker-username': username,
        'docker-password': password,
        'docker-email': email,
      } = flags;
      if (!username || !password || !server) {
        throw new CommandError(
          'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
        );
      }
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      const entry = { username, password, ...(email ? { email } : {}), auth };
      return Buffer.from(toGoJson({ auths: { [server]: entry } }, { step: '', sorted: false })).toString('base64');
    }
  },
});

function readFile(path: string, shown: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`open ${shown}: no such file or directory`, { cause: error });
  }
}

function requirePair(cert: Buffer, key: Buffer): void {
  let matches: boolean;
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new CommandError('tls: failed to find any PEM data in certificate input', { cause: error });
  }
  if (!matches) throw new CommandError('tls: private key does not match public key');
}

/** `kubectl create secret` */
export const createSecret = defineVerb({
  usage: 'create secret (docker-registry | generic | tls)',
  long: `Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry.

 A generic type secret indicate an Opaque secret type.

 A tls type secret holds TLS certificate and its associated key.`,
  flags: {},
  subcommands: [
    {
      name: 'docker-registry',
      short: 'Create a secret for use with a Docker registry',
      load: async () => dockerRegistry,
    },
    {
      name: 'generic',
      short: 'Create a secret from a local file, directory, or literal value',
      load: async () => generic,
    },
    { name: 'tls', short: 'Create a TLS secret', load: async () => tls },
  ],
});
