import type { Session } from '../session.ts';
import { asKubeObject } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { apiPath } from '../resource/resource-path.ts';
import type { FoundObject, Target } from '../resource/targets.ts';
import { writeQuery } from './dry-run.ts';
import type { DryRun } from './dry-run.ts';

const mediaTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A patch and how it goes to the server. */
export interface ObjectPatch {
  readonly type: keyof typeof mediaTypes;
  readonly body: unknown;
  readonly dryRun?: DryRun;
  readonly fieldManager?: string;
  readonly subresource?: string;
  readonly validate?: string;
  /** An apply takes fields from other managers. */
  readonly force?: boolean;
}

/** Patches an object on the server and gives what became of it. */
export async function patchObject(
  session: Session,
  target: Pick<Target, 'resource' | 'namespace' | 'name'>,
  patch: ObjectPatch,
): Promise<KubeObject> {
  const { resource, namespace, name } = target;
  const answer = await session.connection.json({
    method: 'PATCH',
    path: apiPath(resource, { namespace, name, subresource: patch.subresource }),
    contentType: mediaTypes[patch.type],
    query: writeQuery(patch),
    body: patch.body,
  });
  return asKubeObject(answer);
}

/** Where a kind keeps its pod template's spec: `['spec', 'template', 'spec']`; undefined when it has no pods. */
export function podSpecPath({ object }: Pick<FoundObject, 'object'>): readonly string[] | undefined {
  switch (object.kind) {
    case 'Pod':
      return ['spec'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec'];
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicationController':
    case 'Job':
      return ['spec', 'template', 'spec'];
    default:
      return undefined;
  }
}

/** `{a: {b: value}}` for the path `['a', 'b']`. */
export function nested(path: readonly string[], value: unknown): Record<string, unknown> {
  const [head = '', ...rest] = path;
  return { [head]: rest.length === 0 ? value : nested(rest, value) };
}
