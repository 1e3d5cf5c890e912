import { messageOf } from '../../base/errors.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import type { RuntimeHealth } from './node-conditions.ts';

/** Asks the runtime how it is; each problem says what to do. Never rejects except when aborted. */
export async function checkRuntime(runtime: ContainerRuntime, signal: AbortSignal): Promise<RuntimeHealth> {
  try {
    const { conditions } = await runtime.status({ signal });
    const problems = conditions.flatMap(({ type, status, reason, message }) => {
      if (status) return [];
      if (type === 'NetworkReady') {
        const advice = `check that the network component runs and has written a CNI configuration, and that the CNI plug-ins are installed`;
        return [
          `container runtime network not ready: NetworkReady=false reason:${reason} message:${message}; ${advice}`,
        ];
      }
      return type === 'RuntimeReady'
        ? [`container runtime not ready: RuntimeReady=false reason:${reason} message:${message}`]
        : [];
    });
    return { answered: true, problems };
  } catch (error) {
    signal.throwIfAborted();
    return {
      answered: false,
      problems: [
        `container runtime is down: ${messageOf(error)}; start it, or correct the kubelet's --container-runtime-endpoint`,
      ],
    };
  }
}
