import type { Pod } from '../../api/core/pod.ts';
import type { ContainerConfig, ImageSpec, Mount, NamespaceOptions } from '../cri/container-runtime.ts';
import { expand } from '../env/expansion.ts';
import { containerCgroupValues } from '../resources/cgroup-values.ts';
import { containerHash } from './container-hash.ts';
import {
  containerHashAnnotation,
  containerNameLabel,
  podGracePeriodAnnotation,
  restartCountAnnotation,
  terminationMessagePathAnnotation,
  terminationMessagePolicyAnnotation,
} from './container-labels.ts';
import type { AnyContainer } from './pod-facts.ts';
import { podLabels } from './sandbox-config.ts';
import type { ImageUser } from './security-context.ts';
import { containerSecurityContext } from './security-context.ts';

/** What a container's configuration is made from. */
export interface ContainerConfigInputs {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly restartCount: number;
  readonly image: ImageSpec;
  readonly imageUser: ImageUser;
  readonly variables: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly namespaces: NamespaceOptions;
  readonly oomScoreAdj: number;
  readonly seccompRoot: string;
}

/** The runtime's description of a container. */
export function containerConfig(inputs: ContainerConfigInputs): ContainerConfig {
  const { pod, container, restartCount, variables } = inputs;
  const lookup = (name: string): string | undefined => variables.get(name);
  const values = containerCgroupValues(container);
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: inputs.image,
    command: (container.command ?? []).map((part) => expand(part, lookup)),
    args: (container.args ?? []).map((part) => expand(part, lookup)),
    workingDir: container.workingDir ?? '',
    envs: [...variables].map(([key, value]) => ({ key, value })),
    mounts: inputs.mounts,
    labels: { ...podLabels(pod), [containerNameLabel]: container.name },
    annotations: annotationsOf(inputs),
    logPath: containerLogPath(container.name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: {
        cpuShares: values.cpuShares,
        cpuPeriod: values.cpuPeriod,
        ...(values.cpuQuota === undefined ? {} : { cpuQuota: values.cpuQuota }),
        ...(values.memoryLimit === undefined ? {} : { memoryLimit: values.memoryLimit }),
        oomScoreAdj: inputs.oomScoreAdj,
      },
      securityContext: containerSecurityContext(pod, container, {
        namespaces: inputs.namespaces,
        image: inputs.imageUser,
        seccompRoot: inputs.seccompRoot,
      }),
    },
    ...(container.lifecycle?.stopSignal === undefined
      ? {}
      : { stopSignal: container.lifecycle.stopSignal.replace('RTMIN+', 'RTMINPLUS').replace('RTMAX-', 'RTMAXMINUS') }),
  };
}

/** Where a container's log lies below the pod's log folder. */
export function containerLogPath(name: string, restartCount: number): string {
  return `${name}/${restartCount}.log`;
}

function annotationsOf({ pod, container, restartCount }: ContainerConfigInputs): Record<string, string> {
  return {
    [containerHashAnnotation]: containerHash(container),
    [restartCountAnnotation]: String(restartCount),
    [terminationMessagePathAnnotation]: container.terminationMessagePath ?? '/dev/termination-log',
    [terminationMessagePolicyAnnotation]: container.terminationMessagePolicy ?? 'File',
    [podGracePeriodAnnotation]: String(pod.spec.terminationGracePeriodSeconds),
  };
}
