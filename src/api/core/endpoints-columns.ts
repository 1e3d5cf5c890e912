/** The column of `kubectl get endpoints`. */
import type { Endpoints } from './endpoints.ts';

const shown = 3;

/** The first three addresses with ports, and how many more there are. */
export function endpointsText({ subsets = [] }: Endpoints): string {
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    if (ports.length === 0) return addresses.map(({ ip }) => ip);
    return ports.flatMap(({ port }) =>
      addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    );
  });
  if (all.length === 0) return '<none>';
  const more = all.length > shown ? ` + ${all.length - shown} more...` : '';
  return `${all.slice(0, shown).join(',')}${more}`;
}
