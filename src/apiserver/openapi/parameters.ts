/** The query parameters of operations. Source: meta/v1's options. */

/** A query parameter. */
export interface QueryParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

const text = (name: string, description: string): QueryParameter => ({ name, type: 'string', description });
const flag = (name: string, description: string): QueryParameter => ({ name, type: 'boolean', description });
const number = (name: string, description: string): QueryParameter => ({ name, type: 'integer', description });

const pretty = text('pretty', 'With true the answer is indented.');
const dryRun = text('dryRun', 'With All nothing is stored.');
const fieldManager = text('fieldManager', 'Who makes the change, for managedFields.');

/** Of reading one object. */
export const read = [pretty];

/** Of creating and replacing. */
export const write = [
  pretty,
  dryRun,
  fieldManager,
  text('fieldValidation', 'What unknown and duplicate fields lead to: Ignore, Warn or Strict.'),
];

/** Of patches. */
export const patch = [...write, flag('force', 'With apply: take over fields that others manage.')];

/** Of deleting one object. */
export const remove = [
  pretty,
  dryRun,
  number('gracePeriodSeconds', 'Seconds the object has to end by itself.'),
  flag('ignoreStoreReadErrorWithClusterBreakingPotential', 'Delete even what can no longer be read from the store.'),
  flag('orphanDependents', 'Deprecated: use propagationPolicy.'),
  text('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

/** Of lists and watches. */
export const list = [
  pretty,
  flag('allowWatchBookmarks', 'Whether a watch may send bookmarks.'),
  text('continue', 'Where the page begins: as the page before said.'),
  text('fieldSelector', 'Selects by fields.'),
  text('labelSelector', 'Selects by labels.'),
  number('limit', 'How many objects a page may have.'),
  text('resourceVersion', 'The version to read at, or to watch from.'),
  text('resourceVersionMatch', 'How resourceVersion is meant for lists: Exact or NotOlderThan.'),
  flag('sendInitialEvents', 'Whether a watch begins with the objects that are there.'),
  number('timeoutSeconds', 'When the request ends, in seconds.'),
  flag('watch', 'Whether to send changes instead of a list.'),
];

/** Of deleting many objects. */
export const deleteCollection = [
  ...list.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks'),
  ...remove.slice(1),
];

/** Of logs. */
export const log = [
  text('container', 'The container; may be left out if there is only one.'),
  flag('follow', 'Whether to go on with what is written later.'),
  flag('insecureSkipTLSVerifyBackend', 'Whether to trust any kubelet.'),
  number('limitBytes', 'After how many bytes to end.'),
  pretty,
  flag('previous', 'Whether to show the container that ran before.'),
  number('sinceSeconds', 'How far to go back, in seconds.'),
  text('stream', 'All, Stdout or Stderr.'),
  number('tailLines', 'How many of the last lines to show.'),
  flag('timestamps', 'Whether each line begins with its time.'),
];

const streams = [
  text('container', 'The container; may be left out if there is only one.'),
  flag('stderr', 'Whether to connect standard error.'),
  flag('stdin', 'Whether to connect standard input.'),
  flag('stdout', 'Whether to connect standard output.'),
  flag('tty', 'Whether to allocate a terminal.'),
];

/** Of subresources that connect. */
export const connections: Readonly<Record<string, readonly QueryParameter[]>> = {
  attach: streams,
  exec: [text('command', 'The program and, repeated, its arguments.'), ...streams],
  portforward: [number('ports', 'The ports, for WebSockets.')],
  proxy: [text('path', 'Path within the target.')],
};
