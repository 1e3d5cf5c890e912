import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { boolFlag, textFlag } from '../command/flags.ts';
import { CommandError, throwCollected } from '../command/command-error.ts';
import { withContext } from '../command/error-text.ts';
import { defineVerb } from '../command/verb.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { dryRunOf } from '../change/dry-run.ts';
import { patchObject } from '../change/patch-object.ts';
import { parseYaml } from '../resource/yaml-input.ts';
import { fetchObjects } from '../resource/targets.ts';
import { dryRunFlags, fieldManagerFlag, fileFlags, printFlags } from './shared-flags.ts';

const flags = {
  ...fileFlags('identifying the resource to update'),
  ...printFlags,
  ...dryRunFlags,
  ...fieldManagerFlag('kubectl-patch'),
  local: boolFlag('If true, patch will operate on the content of the file, not the server-side resource.'),
  patch: textFlag('The patch to be applied to the resource JSON file.', { short: 'p' }),
  'patch-file': textFlag('A file containing a patch to be applied to the resource.'),
  subresource: textFlag('If specified, patch will operate on the subresource of the requested object.'),
  type: textFlag('The type of patch being provided; one of [json merge strategic]', { initial: 'strategic' }),
} as const;

/** `kubectl patch` */
export const patch = defineVerb({
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  long: `Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.

 JSON and YAML formats are accepted.`,
  examples: `# Partially update a node using a strategic merge patch, specifying the patch as JSON
kubectl patch node k8s-node-1 -p '{"spec":{"unschedulable":true}}'

# Update a container's image; spec.containers[*].name is required because it's a merge key
kubectl patch pod valid-pod -p '{"spec":{"containers":[{"name":"kubernetes-serve-hostname","image":"new image"}]}}'

# Update a container's image using a JSON patch with positional arrays
kubectl patch pod valid-pod --type='json' -p='[{"op": "replace", "path": "/spec/containers/0/image", "value":"new image"}]'

# Update a deployment's replicas through the 'scale' subresource using a merge patch
kubectl patch deployment nginx-deployment --subresource='scale' --type='merge' -p '{"spec":{"replicas":2}}'`,
  flags,
  async run({ args, flags: given, session, io }) {
    const { type } = given;
    if (type !== 'json' && type !== 'merge' && type !== 'strategic') {
      throw new CommandError(`--type must be one of [json merge strategic], not "${type}"`);
    }
    if (given.patch && given['patch-file']) throw new CommandError('cannot specify --patch and --patch-file together');
    const text = given.patch || (given['patch-file'] ? readFileSync(resolve(io.cwd, given['patch-file']), 'utf8') : '');
    if (text === '') {
      throw new CommandError('must specify --patch or --patch-file containing the contents of the patch');
    }
    const body = parsePatch(text);
    const dryRun = dryRunOf(given['dry-run']);
    const print = await createChangePrinter(io, given, { dryRun });
    const { found, errors } = await fetchObjects(session, io, {
      args,
      filenames: given.filename,
      recursive: given.recursive,
    });
    const failures = [...errors];
    for (const { target, object } of found) {
      try {
        const options = {
          type,
          body,
          dryRun,
          fieldManager: given['field-manager'],
          subresource: given.subresource,
        } as const;
        // A client dry run can't patch by itself: the server does, and keeps it to itself.
        const patched = await patchObject(session, target, {
          ...options,
          dryRun: dryRun === 'client' ? 'server' : dryRun,
        });
        const changed = JSON.stringify(patched) !== JSON.stringify(object);
        print(patched, changed ? 'patched' : 'patched (no change)');
      } catch (error) {
        failures.push(error);
      }
    }
    throwCollected(failures);
  },
});

function parsePatch(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw withContext(`unable to parse ${JSON.stringify(text)}`, error);
  }
}
