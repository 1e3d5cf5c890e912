import { isUtf8 } from 'node:buffer';
import { createFlags, createObject, requireName } from '../../change/create-object.ts';
import { readKeyValues } from '../../change/key-values.ts';
import { arrayFlag, boolFlag, sliceFlag } from '../../command/flags.ts';
import { CommandError } from '../../command/command-error.ts';
import { defineVerb } from '../../command/verb.ts';

const flags = {
  ...createFlags,
  'append-hash': boolFlag('Append a hash of the configmap to its name.'),
  'from-env-file': sliceFlag('Specify the path to a file to read lines of key=val pairs to create a configmap.'),
  'from-file': sliceFlag(
    'Key file can be specified using its file path, in which case file basename will be used as configmap key, or optionally with a key and file path, in which case the given key will be used.  Specifying a directory will iterate each named file in the directory whose basename is a valid configmap key.',
  ),
  'from-literal': arrayFlag('Specify a key and literal value to insert in configmap (i.e. mykey=somevalue)'),
} as const;

/** `kubectl create configmap` */
export const createConfigMap = defineVerb({
  usage: 'create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  long: `Create a config map based on a file, directory, or specified literal value.

 A single config map may package one or more key/value pairs.`,
  examples: `# Create a new config map named my-config based on folder bar
kubectl create configmap my-config --from-file=path/to/bar

# Create a new config map named my-config with specified keys instead of file basenames on disk
kubectl create configmap my-config --from-file=key1=/path/to/bar/file1.txt

# Create a new config map named my-config with key1=config1 and key2=config2
kubectl create configmap my-config --from-literal=key1=config1 --from-literal=key2=config2

# Create a new config map named my-config from an env file
kubectl create configmap my-config --from-env-file=path/to/foo.env`,
  flags,
  async run(invocation) {
    const { args, flags: given, io, command } = invocation;
    const name = requireName(args, command);
    if (given['append-hash'])
      throw new CommandError('--append-hash is not supported here: give the config map its full name');
    const sources = { files: given['from-file'], literals: given['from-literal'], envFiles: given['from-env-file'] };
    const entries = [...readKeyValues(sources, { cwd: io.cwd, env: io.env, kind: 'ConfigMap', name })];
    const texts = entries.filter(([, value]) => isUtf8(value)).map(([key, value]) => [key, value.toString()]);
    const binaries = entries
      .filter(([, value]) => !isUtf8(value))
      .map(([key, value]) => [key, value.toString('base64')]);
    await createObject(invocation, 'ConfigMap', {
      metadata: { name },
      ...(texts.length > 0 ? { data: Object.fromEntries(texts) } : {}),
      ...(binaries.length > 0 ? { binaryData: Object.fromEntries(binaries) } : {}),
    });
  },
});
