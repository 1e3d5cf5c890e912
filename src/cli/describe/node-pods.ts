import type { Node } from '../../api/core/node.ts';
import { exactly, podTotal, sumOf } from '../../api/core/pod-resources.ts';
import type { Quantities } from '../../api/core/pod-resources.ts';
import type { Pod } from '../../api/core/pod.ts';
import { ageOf } from '../../machinery/human-duration.ts';
import { canonicalQuantity, milliValue, quantityValue } from '../../machinery/quantity.ts';
import type { DescribeContext } from './describers.ts';

/** What a pod asks for and may use. */
interface PodAmounts {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

/** The pods of a node with their share of it, and what is given away in all. */
export function writeNodePods({ writer, now }: DescribeContext, node: Node, pods: readonly Pod[]): void {
  const allocatable = node.status?.allocatable ?? node.status?.capacity ?? {};
  writer.line(0, `Non-terminated Pods:\t(${pods.length} in total)`);
  writer.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  writer.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  const amounts = pods.map(podAmounts);
  pods.forEach((pod, at) => {
    const { requests, limits } = amounts[at] ?? { requests: {}, limits: {} };
    const shares = [
      share('cpu', requests, allocatable),
      share('cpu', limits, allocatable),
      share('memory', requests, allocatable),
      share('memory', limits, allocatable),
    ];
    const { namespace = '', name, creationTimestamp } = pod.metadata;
    writer.line(1, `${namespace}\t${name}\t\t${shares.join('\t')}\t${ageOf(creationTimestamp, now)}`);
  });
  const requests = amounts.map((one) => one.requests).reduce(sumOf, {});
  const limits = amounts.map((one) => one.limits).reduce(sumOf, {});
  writer.line(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)');
  writer.line(1, 'Resource\tRequests\tLimits');
  writer.line(1, '--------\t--------\t------');
  const huge = Object.keys(allocatable)
    .filter((name) => name.startsWith('hugepages-'))
    .toSorted();
  for (const name of ['cpu', 'memory', 'ephemeral-storage', ...huge]) {
    writer.line(1, `${name}\t${share(name, requests, allocatable)}\t${share(name, limits, allocatable)}`);
  }
  const standard = new Set(['cpu', 'memory', 'ephemeral-storage', 'storage', 'pods', ...huge]);
  for (const name of Object.keys(allocatable)
    .filter((one) => !standard.has(one))
    .toSorted()) {
    writer.line(1, `${name}\t${requests[name] ?? '0'}\t${limits[name] ?? '0'}`);
  }
}

function share(name: string, amounts: Quantities, allocatable: Quantities): string {
  const amount = amounts[name] ?? '0';
  const measure = name === 'cpu' ? milliValue : quantityValue;
  const whole = measure(allocatable[name] ?? '0');
  const percent = whole === 0 ? 0 : Math.trunc((measure(amount) / whole) * 100);
  return `${canonicalQuantity(amount)} (${percent}%)`;
}

/** The totals that describe shows. */
export function podAmounts(pod: Pod): PodAmounts {
  const of = (part: 'requests' | 'limits'): Quantities =>
    podTotal(pod, { part, reckoning: exactly, status: 'counted' });
  return { requests: of('requests'), limits: of('limits') };
}
