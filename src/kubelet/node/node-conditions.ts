import { timestamp } from '../../base/clock.ts';
import type { NodeCondition } from '../../api/core/node.ts';
import type { EvictionThresholds } from '../kubelet-config.ts';
import type { MachinePressure } from './machine.ts';

/** How the container runtime is. */
export interface RuntimeHealth {
  readonly answered: boolean;
  /** What is wrong with it, a sentence each. */
  readonly problems: readonly string[];
}

/** What conditions are made from. */
export interface NodeConditionInputs {
  readonly pressure: MachinePressure;
  readonly thresholds: EvictionThresholds;
  readonly health: RuntimeHealth;
  readonly former: readonly NodeCondition[];
  readonly now: number;
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

/** The four conditions that a kubelet reports of its node, with upstream's reasons and messages. */
export function nodeConditions(inputs: NodeConditionInputs): readonly NodeCondition[] {
  const { pressure, thresholds, health } = inputs;
  const memory = pressure.memoryAvailable < thresholds.memoryAvailableBytes;
  const disk =
    pressure.diskAvailable < thresholds.nodefsAvailableFraction ||
    pressure.inodesFree < thresholds.nodefsInodesFreeFraction;
  const pids = pressure.pidsAvailable < thresholds.pidsAvailable;
  const verdicts: readonly (readonly [string, Verdict])[] = [
    [
      'MemoryPressure',
      memory
        ? {
            status: 'True',
            reason: 'KubeletHasInsufficientMemory',
            message: 'kubelet has insufficient memory available',
          }
        : { status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
    ],
    [
      'DiskPressure',
      disk
        ? { status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' }
        : { status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    ],
    [
      'PIDPressure',
      pids
        ? { status: 'True', reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' }
        : { status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    ],
    [
      'Ready',
      health.problems.length > 0
        ? { status: 'False', reason: 'KubeletNotReady', message: health.problems.join(', ') }
        : { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    ],
  ];
  return verdicts.map(([type, verdict]) => {
    const former = inputs.former.find((condition) => condition.type === type);
    const kept = former?.status === verdict.status ? former.lastTransitionTime : undefined;
    return {
      type,
      ...verdict,
      lastHeartbeatTime: timestamp(inputs.now),
      lastTransitionTime: kept ?? timestamp(inputs.now),
    };
  });
}

/** Whether two sets of conditions say something different; heartbeats do not count. */
export function conditionsDiffer(a: readonly NodeCondition[], b: readonly NodeCondition[]): boolean {
  const text = (conditions: readonly NodeCondition[]): string =>
    JSON.stringify(conditions.map(({ type, status, reason, message }) => [type, status, reason, message]));
  return text(a) !== text(b);
}

/** The event of a condition that has changed, as upstream names it: `NodeReady`, `NodeHasDiskPressure`. */
export function transitionEvent({ type, status }: NodeCondition): string {
  const isTrue = status === 'True';
  if (type === 'Ready') return isTrue ? 'NodeReady' : 'NodeNotReady';
  if (type === 'MemoryPressure') return isTrue ? 'NodeHasInsufficientMemory' : 'NodeHasSufficientMemory';
  if (type === 'PIDPressure') return isTrue ? 'NodeHasInsufficientPID' : 'NodeHasSufficientPID';
  return isTrue ? 'NodeHasDiskPressure' : 'NodeHasNoDiskPressure';
}
