import type { Pod } from '../../src/api/core/pod.ts';
import { eventually, run, succeed } from './run.ts';
import type { Finished } from './run.ts';
import type { TestMachine } from './test-machine.ts';
import { shell } from './workload-pods.ts';
import type { Manifest } from './workload-pods.ts';

/** What tests of workloads ask and tell a cluster, by upstream's kubectl. `machine` may come to be later. */
export function workloadView(machine: () => TestMachine) {
  const kubectl = (...args: readonly string[]): Promise<string> => machine().kubectl(...args);
  const tried = (args: readonly string[], input?: string): Promise<Finished> =>
    run(machine().kubectlArgv('upstream', args), { input });
  const inPod = (name: string, script: string): Promise<string> => kubectl('exec', name, '--', ...shell(script));
  const apply = (items: readonly Manifest[], namespace = 'default'): Promise<string> =>
    succeed(machine().kubectlArgv('upstream', ['apply', '-n', namespace, '-f', '-']), {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    });

  async function podNamed(name: string): Promise<Pod> {
    return JSON.parse(await kubectl('get', 'pod', name, '-o', 'json')) as Pod;
  }

  /** The words of STATUS and RESTARTS of a pod. */
  async function row(name: string): Promise<readonly [ready: string, status: string, restarts: number]> {
    const [, ready = '', status = '', restarts = ''] = (await kubectl('get', 'pod', name, '--no-headers')).split(/\s+/);
    return [ready, status, Number(restarts)];
  }

  function shows(name: string, ready: string, ...statuses: readonly string[]): Promise<unknown> {
    return eventually(`pod ${name} ${statuses.join(' or ')}`, async () => {
      const [isReady, status, restarts] = await row(name);
      if (isReady !== ready || !statuses.includes(status)) throw new Error(`${isReady} ${status} ${restarts}`);
      return true;
    });
  }

  async function status(name: string) {
    const { status: found } = await podNamed(name);
    const container = found.containerStatuses?.[0];
    if (!container) throw new Error(`pod ${name} has no container status`);
    return { ...found, container };
  }

  async function messages(name: string, reason: string): Promise<readonly string[]> {
    const selector = `involvedObject.name=${name},reason=${reason}`;
    const list = JSON.parse(await kubectl('get', 'events', '--field-selector', selector, '-o', 'json')) as {
      items: { message: string }[];
    };
    return list.items.map(({ message }) => message);
  }

  const says = (name: string, reason: string, message: RegExp): Promise<unknown> =>
    eventually(`event ${reason} of ${name}`, async () => {
      const found = await messages(name, reason);
      if (!found.some((text) => message.test(text))) throw new Error(found.join('\n'));
      return true;
    });

  return { kubectl, tried, inPod, apply, podNamed, row, shows, status, says };
}
