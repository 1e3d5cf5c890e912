/** What an apply that meets other managers answers, in upstream's words. Source: apimachinery's managedfields conflict. */
import { StatusError } from '../../base/errors.ts';
import { compareText } from './field-managers.ts';
import type { FieldManager } from './field-managers.ts';
import { fieldPaths } from './field-set.ts';
import { printPath } from './path-element.ts';
import type { ManagerConflict } from './transfer-ownership.ts';

/** The error of conflicts, of which there is at least one. */
export function applyConflict(conflicts: readonly ManagerConflict[]): StatusError {
  const sorted = [...conflicts].sort((a, b) => compareText(printManager(a.manager), printManager(b.manager)));
  const found = sorted.flatMap(({ manager, fields }) =>
    fieldPaths(fields).map((path) => ({ manager: printManager(manager), path: printPath(path) })),
  );
  const causes = found.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${manager}`,
    field: path,
  }));
  return new StatusError('Conflict', messageOf(found), { details: { causes } });
}

function messageOf(found: readonly { readonly manager: string; readonly path: string }[]): string {
  const [first] = found;
  if (found.length === 1 && first) return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.path}`;
  const lines: string[] = [];
  let manager: string | undefined;
  for (const conflict of found) {
    if (conflict.manager !== manager) lines.push(`conflicts with ${conflict.manager}:`);
    manager = conflict.manager;
    lines.push(`- ${conflict.path}`);
  }
  return `Apply failed with ${found.length} conflicts: ${lines.join('\n')}`;
}

function printManager({ manager, operation, apiVersion, subresource }: FieldManager): string {
  const part = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  return `${JSON.stringify(manager)}${part}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
