import { addQuantities, compareQuantities } from '../../machinery/quantity.ts';
import type { Container } from './container.ts';
import type { Pod } from './pod.ts';

/** Exact amounts by resource name. */
export type Quantities = Readonly<Record<string, string>>;

/**
 * What a pod asks for or is limited to in all: its containers and sidecars together, or what the greediest init container
 * needs beside the sidecars started before it, whichever is more; plus overhead. Source: KEP-753, KEP-2837.
 */
export function podQuantities({ spec }: Pod, part: 'requests' | 'limits'): Quantities {
  const of = ({ resources }: Pick<Container, 'resources'>): Quantities => resources?.[part] ?? {};
  let sidecars: Quantities = {};
  let peak: Quantities = {};
  for (const container of spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always';
    const together = sumOf(sidecars, of(container));
    if (isSidecar) sidecars = together;
    peak = maximum(peak, together);
  }
  const total = maximum(
    spec.containers.reduce((sum, container) => sumOf(sum, of(container)), sidecars),
    peak,
  );
  const stated = { ...total, ...spec.resources?.[part] };
  // Overhead counts towards a limit only where there is one.
  const overhead = Object.entries(spec.overhead ?? {}).filter(([name]) => part === 'requests' || name in stated);
  return sumOf(stated, Object.fromEntries(overhead));
}

/** Amounts added up, name by name. */
export function sumOf(a: Quantities, b: Quantities): Quantities {
  const sum: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) sum[name] = addQuantities(sum[name] ?? '0', amount);
  return sum;
}

function maximum(a: Quantities, b: Quantities): Quantities {
  const greatest: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    if (greatest[name] === undefined || compareQuantities(amount, greatest[name]) > 0) greatest[name] = amount;
  }
  return greatest;
}
