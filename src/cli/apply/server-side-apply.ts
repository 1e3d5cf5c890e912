/** `kubectl apply --server-side`, with the way there from client-side apply. Source: kubectl's cmd/apply, client-go's csaupgrade. */
import { hasReason, messageOf } from '../../base/errors.ts';
import { isManager, readManagers, writeManagers } from '../../machinery/apply/field-managers.ts';
import type { FieldManagers } from '../../machinery/apply/field-managers.ts';
import { hasField, union } from '../../machinery/apply/field-set.ts';
import { CommandError } from '../command/command-error.ts';
import { lastAppliedAnnotation, lastAppliedOf } from '../change/last-applied.ts';
import { patchObject } from '../change/patch-object.ts';
import type { DryRun } from '../change/dry-run.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import type { Target } from '../resource/targets.ts';
import type { Session } from '../session.ts';

/** Options of one apply in the server. */
export interface ServerSideOptions {
  readonly dryRun: DryRun;
  readonly fieldManager: string;
  readonly validate: string;
  readonly forceConflicts: boolean;
  warn(text: string): void;
}

/** The manager of applies on the client side, unless another one is named. */
export const clientSideManager = 'kubectl-client-side-apply';

/** The manager of applies in the server, unless another one is named. */
const serverSideManager = 'kubectl';

/** The manager of an apply in the server by `--field-manager`, whose default is that of the client side. */
export function serverSideManagerOf(named: string): string {
  return named === clientSideManager ? serverSideManager : named;
}

/** The manager that keeps the annotation for those who still apply on the client side. */
const lastAppliedManager = 'kubectl-last-applied';

type NamedTarget = Target & { readonly name: string };

/** Has the server merge a configuration into the object, or make it. */
export async function applyInServer(
  session: Session,
  target: NamedTarget,
  { object: sent, options }: { readonly object: KubeObject; readonly options: ServerSideOptions },
): Promise<KubeObject> {
  const object = target.resource.namespaced
    ? { ...sent, metadata: { ...sent.metadata, namespace: target.namespace } }
    : sent;
  const first = await sendApply(session, target, { object, options });
  const applied = await keepLastApplied(session, target, { applied: first, options });
  if (applied.metadata.deletionTimestamp !== undefined)
    options.warn(`Detected changes to resource ${target.name} which is currently being deleted.`);
  if (!(await migrate(session, target, { applied, options }))) return applied;
  return sendApply(session, target, { object, options });
}

async function sendApply(
  session: Session,
  target: NamedTarget,
  { object, options }: { readonly object: KubeObject; readonly options: ServerSideOptions },
): Promise<KubeObject> {
  const { dryRun, fieldManager, validate, forceConflicts: force } = options;
  try {
    return await patchObject(session, target, { type: 'apply', body: object, dryRun, fieldManager, validate, force });
  } catch (error) {
    if (!hasReason(error, 'Conflict')) throw error;
    throw new CommandError(`${messageOf(error)}\n${conflictAdvice}`, { cause: error });
  }
}

const conflictAdvice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

interface AppliedObject {
  readonly applied: KubeObject;
  readonly options: ServerSideOptions;
}

/** The annotation gets a manager of its own, lest it be given up with all that client-side apply managed. */
async function keepLastApplied(
  session: Session,
  target: NamedTarget,
  { applied, options }: AppliedObject,
): Promise<KubeObject> {
  const note = lastAppliedOf(applied);
  if (note === undefined || options.fieldManager !== serverSideManager || options.dryRun !== 'none') return applied;
  const managers = readManagers(applied.metadata.managedFields, { trusted: false });
  if (managers.some(({ operation, set }) => operation === 'Apply' && hasField(set, notePath))) return applied;
  const { apiVersion, kind } = applied;
  const metadata = {
    name: target.name,
    ...(target.resource.namespaced ? { namespace: target.namespace } : {}),
    annotations: { [lastAppliedAnnotation]: note },
  };
  try {
    const body = { apiVersion, kind, metadata };
    return await patchObject(session, target, { type: 'apply', body, fieldManager: lastAppliedManager, force: false });
  } catch (error) {
    options.warn(
      `failed to migrate ${lastAppliedAnnotation} for Server-Side Apply. This is non-fatal and will be retried next time you apply. Error: ${messageOf(error)}`,
    );
    return applied;
  }
}

const notePath = ['f:metadata', 'f:annotations', `f:${lastAppliedAnnotation}`];

/** Makes what client-side apply manages belong to the applier; whether there was anything of the kind. */
async function migrate(session: Session, target: NamedTarget, { applied, options }: AppliedObject): Promise<boolean> {
  if (options.dryRun !== 'none') return false;
  const managers = readManagers(applied.metadata.managedFields, { trusted: false });
  const migrated = withoutClientSide(managers, options.fieldManager);
  if (!migrated) return false;
  const body = [
    { op: 'replace', path: '/metadata/managedFields', value: writeManagers(migrated) },
    { op: 'replace', path: '/metadata/resourceVersion', value: applied.metadata.resourceVersion },
  ];
  try {
    await patchObject(session, target, { type: 'json', body });
    return true;
  } catch (error) {
    options.warn(
      `server rejected managed fields migration to Server-Side Apply. This is non-fatal and will be retried next time you apply. Error: ${messageOf(error)}`,
    );
    return false;
  }
}

function withoutClientSide(managers: FieldManagers, applier: string): FieldManagers | undefined {
  const updaters = managers.filter(({ operation, set }) => operation === 'Update' && hasField(set, notePath));
  const names = new Set(updaters.map(({ manager }) => manager));
  const clientSide = managers.filter(({ operation, manager }) => operation === 'Update' && names.has(manager));
  const [first] = clientSide;
  if (!first) return undefined;
  const writer = { manager: applier, operation: 'Apply', apiVersion: first.apiVersion, subresource: '' } as const;
  const known = managers.find((manager) => isManager(manager, writer)) ?? { ...first, ...writer };
  const set = clientSide.reduce((all, entry) => union(all, entry.set)!, known.set);
  const others = managers.filter((manager) => manager !== known && !clientSide.includes(manager));
  return [...others, { ...known, set }];
}
