import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { schemaOf } from '../apply/apply-object.ts';
import { twoWayPatch } from '../apply/strategic-diff.ts';
import { createChangePrinter } from '../change/change-output.ts';
import { patchObject } from '../change/patch-object.ts';
import type { CliIo } from '../command/cli-io.ts';
import { CommandError } from '../command/command-error.ts';
import { textFlag } from '../command/flags.ts';
import { defineVerb } from '../command/verb.ts';
import { shownObject } from '../get/get-context.ts';
import { toYaml } from '../output/yaml-output.ts';
import { toPrettyJson } from '../output/json-output.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import { requireObjects } from '../resource/targets.ts';
import { parseYaml } from '../resource/yaml-input.ts';
import { fieldManagerFlag, fileFlags, printFlags, validateFlag } from './shared-flags.ts';

const flags = {
  ...fileFlags('to use to edit the resource'),
  ...printFlags,
  ...validateFlag,
  ...fieldManagerFlag('kubectl-edit'),
  subresource: textFlag('If specified, edit will operate on the subresource of the requested object.'),
} as const;

const instructions = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** `kubectl edit` */
export const edit = defineVerb({
  usage: 'edit (RESOURCE/NAME | -f FILENAME)',
  long: `Edit a resource from the default editor.

 The edit command allows you to directly edit any API resource you can retrieve via the command-line tools. It will open the editor defined by your KUBE_EDITOR, or EDITOR environment variables, or fall back to 'vi'.`,
  examples: `# Edit the service named 'registry'
kubectl edit svc/registry

# Use an alternative editor
KUBE_EDITOR="nano" kubectl edit svc/registry`,
  flags,
  async run({ args, flags: given, session, io }) {
    const print = await createChangePrinter(io, { ...given, output: '' }, { dryRun: 'none' });
    const found = await requireObjects(session, io, { args, filenames: given.filename, recursive: given.recursive });
    const directory = mkdtempSync(join(tmpdir(), 'kubectl-edit-'));
    try {
      for (const { target, object } of found) {
        const shown = shownObject(object, given['show-managed-fields']);
        const json = given.output === 'json';
        const path = join(directory, `${target.name}.${json ? 'json' : 'yaml'}`);
        const before = (json ? '' : instructions) + (json ? toPrettyJson(shown) : toYaml(shown));
        writeFileSync(path, before);
        await openEditor(io, path);
        const after = readFileSync(path, 'utf8');
        if (after === before || after.replaceAll(/^#.*$/gm, '').trim() === '') {
          io.stderr.write(
            after === before ? 'Edit cancelled, no changes made.\n' : 'Edit cancelled, saved file was empty.\n',
          );
          continue;
        }
        const edited = asKubeObject(parseYaml(after));
        const schema = schemaOf(object);
        const body = twoWayPatch(shown, edited, schema);
        if (Object.keys(body).length === 0) {
          io.stderr.write('Edit cancelled, no changes made.\n');
          continue;
        }
        try {
          const patch = {
            type: schema ? 'strategic' : 'merge',
            body,
            fieldManager: given['field-manager'],
            validate: given.validate,
            subresource: given.subresource,
          } as const;
          print(await patchObject(session, target, patch), 'edited');
        } catch (error) {
          const kept = join(tmpdir(), `kubectl-edit-${target.name}-${session.uuid()}.yaml`);
          writeFileSync(kept, after);
          io.stderr.write(
            `error: ${messageOf(error)}\nA copy of your changes has been stored to ${JSON.stringify(kept)}\n`,
          );
          throw new CommandError('Edit cancelled, no valid changes were saved.', { cause: error });
        }
      }
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
});

function openEditor({ env }: CliIo, path: string): Promise<void> {
  const editor = env['KUBE_EDITOR'] || env['EDITOR'] || 'vi';
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$0"`, path], { stdio: 'inherit', env: { ...env } });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new CommandError(`there was a problem with the editor ${JSON.stringify(editor)}`));
    });
  });
}
