import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What containerd's state folder says of one running container or sandbox, also when containerd itself is gone. */
export interface TaskBundle {
  readonly id: string;
  /** Its first process. */
  readonly pid: number | undefined;
  /** Such as `/kubepods/besteffort/pod…/…`. */
  readonly cgroup: string | undefined;
  /** The network namespace made for a sandbox, such as `/run/netns/cni-…`. */
  readonly networkNamespace: string | undefined;
  /** The socket of its shim. */
  readonly shimSocket: string | undefined;
}

/** The bundles under containerd's `state` folder. */
export function readTaskBundles(state: string): readonly TaskBundle[] {
  const tasks = join(state, 'io.containerd.runtime.v2.task');
  return childrenOf(tasks).flatMap((namespace) =>
    childrenOf(join(tasks, namespace)).map((id) => readBundle(join(tasks, namespace, id), id)),
  );
}

function readBundle(folder: string, id: string): TaskBundle {
  const spec = parsedObject(read(join(folder, 'config.json')));
  const linux = parsedObject(spec['linux']);
  const namespaces = Array.isArray(linux['namespaces']) ? linux['namespaces'].map(parsedObject) : [];
  const pid = Number.parseInt(read(join(folder, 'init.pid')), 10);
  return {
    id,
    pid: Number.isNaN(pid) ? undefined : pid,
    cgroup: textOf(linux['cgroupsPath']),
    networkNamespace: textOf(namespaces.find((namespace) => namespace['type'] === 'network')?.['path']),
    shimSocket: shimSocketIn(folder),
  };
}

/** containerd 1.x writes the address itself, 2.x a JSON document. */
function shimSocketIn(folder: string): string | undefined {
  const address =
    read(join(folder, 'address')) || textOf(parsedObject(read(join(folder, 'bootstrap.json')))['address']);
  return address?.trim().replace(/^unix:\/\//, '') || undefined;
}

function childrenOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A JSON object, given as text or as a value; empty when it is none. */
function parsedObject(value: unknown): Readonly<Record<string, unknown>> {
  const object = typeof value === 'string' ? parsed(value) : value;
  return typeof object === 'object' && object !== null ? { ...object } : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
