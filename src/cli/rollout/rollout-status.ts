import type { Deployment } from '../../api/apps/deployment.ts';
import { CommandError } from '../command/command-error.ts';
import { asKind, valueAt } from '../resource/kube-object.ts';
import type { KubeObject } from '../resource/kube-object.ts';
import { revisionOf } from './replica-sets.ts';

/** How far a rollout is. */
export interface RolloutProgress {
  readonly message: string;
  readonly done: boolean;
}

/** How far the rollout of an object is. Throws when it has failed, is not the wanted `revision`, or there is none. */
export function rolloutProgress(object: KubeObject, revision: number): RolloutProgress {
  switch (object.kind) {
    case 'Deployment':
      return deploymentProgress(asKind<Deployment>(object), revision);
    case 'DaemonSet':
      return daemonSetProgress(object);
    case 'StatefulSet':
      return statefulSetProgress(object);
    default:
      throw new CommandError(`no status viewer has been implemented for ${object.kind}`);
  }
}

const waiting = (message: string): RolloutProgress => ({ message, done: false });
const done = (message: string): RolloutProgress => ({ message, done: true });

function deploymentProgress({ metadata, spec, status }: Deployment, revision: number): RolloutProgress {
  const name = JSON.stringify(metadata.name);
  if (revision > 0 && revisionOf({ metadata }) !== revision) {
    throw new CommandError(
      `desired revision (${revision}) is different from the running revision (${revisionOf({ metadata })})`,
    );
  }
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return waiting('Waiting for deployment spec update to be observed...\n');
  }
  const progressing = status?.conditions?.find((condition) => condition.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    throw new CommandError(`deployment ${name} exceeded its progress deadline`);
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec.replicas ?? 1;
  const begin = `Waiting for deployment ${name} rollout to finish:`;
  if (updatedReplicas < wanted)
    return waiting(`${begin} ${updatedReplicas} out of ${wanted} new replicas have been updated...\n`);
  if (replicas > updatedReplicas)
    return waiting(`${begin} ${replicas - updatedReplicas} old replicas are pending termination...\n`);
  if (availableReplicas < updatedReplicas) {
    return waiting(`${begin} ${availableReplicas} of ${updatedReplicas} updated replicas are available...\n`);
  }
  return done(`deployment ${name} successfully rolled out\n`);
}

function numberAt(object: KubeObject, ...path: readonly string[]): number {
  return Number(valueAt(object, ...path) ?? 0);
}

function daemonSetProgress(object: KubeObject): RolloutProgress {
  const name = JSON.stringify(object.metadata.name);
  if (numberAt(object, 'metadata', 'generation') > numberAt(object, 'status', 'observedGeneration')) {
    return waiting('Waiting for daemon set spec update to be observed...\n');
  }
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled');
  const updated = numberAt(object, 'status', 'updatedNumberScheduled');
  const available = numberAt(object, 'status', 'numberAvailable');
  const begin = `Waiting for daemon set ${name} rollout to finish:`;
  if (updated < wanted) return waiting(`${begin} ${updated} out of ${wanted} new pods have been updated...\n`);
  if (available < wanted) return waiting(`${begin} ${available} of ${wanted} updated pods are available...\n`);
  return done(`daemon set ${name} successfully rolled out\n`);
}

function statefulSetProgress(object: KubeObject): RolloutProgress {
  if (valueAt(object, 'spec', 'updateStrategy', 'type') !== 'RollingUpdate') {
    throw new CommandError(`rollout status is only available for RollingUpdate strategy type`);
  }
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (observed === 0 || numberAt(object, 'metadata', 'generation') > observed) {
    return waiting('Waiting for statefulset spec update to be observed...\n');
  }
  const wanted = numberAt(object, 'spec', 'replicas');
  const ready = numberAt(object, 'status', 'readyReplicas');
  if (ready < wanted) return waiting(`Waiting for ${wanted - ready} pods to be ready...\n`);
  const updated = numberAt(object, 'status', 'updatedReplicas');
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (partition > 0) {
    return updated < wanted - partition
      ? waiting(
          `Waiting for partitioned roll out to finish: ${updated} out of ${wanted - partition} new pods have been updated...\n`,
        )
      : done(`partitioned roll out complete: ${updated} new pods have been updated...\n`);
  }
  const revision = String(valueAt(object, 'status', 'updateRevision') ?? '');
  if (revision !== valueAt(object, 'status', 'currentRevision')) {
    return waiting(`waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...\n`);
  }
  return done(
    `statefulset rolling update complete ${numberAt(object, 'status', 'currentReplicas')} pods at revision ${revision}...\n`,
  );
}
