import type { ContainerStats } from '../cri/container-runtime.ts';
import { containerNameLabel, podNameLabel, podNamespaceLabel } from '../pod/container-labels.ts';
import type { KubeletServices } from '../pod/kubelet-services.ts';

/** /metrics: the kubelet itself. */
export async function kubeletMetrics(services: KubeletServices, signal: AbortSignal): Promise<string> {
  const { runtime, config } = services;
  const [sandboxes, containers] = await Promise.all([
    runtime.listPodSandboxes({ state: 'Ready' }, { signal }),
    runtime.listContainers({}, { signal }),
  ]);
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const states = ['Created', 'Running', 'Exited', 'Unknown'] as const;
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [[{ node: config.nodeName }, 1]]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [[{}, sandboxes.length]]),
    gauge(
      'kubelet_running_containers',
      'Number of containers currently running',
      states.map((state) => [
        { container_state: state.toLowerCase() },
        containers.filter((container) => container.state === state).length,
      ]),
    ),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', [[{}, rss]]),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', [
      [{}, (user + system) / 1e6],
    ]),
  ].join('');
}

/** /metrics/resource: what `kubectl top` and autoscalers need. Source: upstream's resource metrics. */
export async function resourceMetrics(services: KubeletServices, signal: AbortSignal): Promise<string> {
  const [stats, node] = await Promise.all([
    services.runtime.listContainerStats({}, { signal }),
    services.machine.usage(),
  ]);
  const cpu = stats.map((entry): Sample => [labelsOf(entry), (entry.cpu?.usageCoreNanoSeconds ?? 0) / 1e9]);
  const memory = stats.map((entry): Sample => [labelsOf(entry), entry.memory?.workingSetBytes ?? 0]);
  return [
    counter('container_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the container in core-seconds', cpu),
    gauge('container_memory_working_set_bytes', 'Current working set of the container in bytes', memory),
    counter('node_cpu_usage_seconds_total', 'Cumulative cpu time consumed by the node in core-seconds', [
      [{}, node.cpuSeconds],
    ]),
    gauge('node_memory_working_set_bytes', 'Current working set of the node in bytes', [[{}, node.memoryWorkingSet]]),
    gauge('resource_scrape_error', '1 if there was an error while getting container metrics, 0 otherwise', [[{}, 0]]),
  ].join('');
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function labelsOf({ attributes: { labels } }: ContainerStats): Readonly<Record<string, string>> {
  return {
    container: labels[containerNameLabel] ?? '',
    namespace: labels[podNamespaceLabel] ?? '',
    pod: labels[podNameLabel] ?? '',
  };
}

const gauge = (name: string, help: string, samples: readonly Sample[]): string =>
  metric('gauge', name, { help, samples });
const counter = (name: string, help: string, samples: readonly Sample[]): string =>
  metric('counter', name, { help, samples });

function metric(
  type: 'gauge' | 'counter',
  name: string,
  { help, samples }: { readonly help: string; readonly samples: readonly Sample[] },
): string {
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
