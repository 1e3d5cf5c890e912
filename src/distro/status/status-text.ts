import type { ControlPlaneStatus } from './control-plane.ts';
import type { ClusterStatus } from './status.ts';

/** The status for people. */
export function statusText(status: ClusterStatus): string {
  const rows = status.processes.map(({ name, pid, running, since, memoryBytes }) => [
    name,
    running ? 'running' : 'gone',
    running ? String(pid) : '-',
    since,
    running ? `${(memoryBytes / 2 ** 20).toFixed(0)} MiB` : '-',
  ]);
  const lines = [
    ...table([['PROCESS', 'STATE', 'PID', 'SINCE', 'MEMORY'], ...rows]),
    '',
    ...table([
      ['NODE', 'READY', 'MESSAGE'],
      ...status.nodes.map(({ name, ready, message }) => [name, ready ? 'yes' : 'no', message]),
    ]),
    '',
    ...(status.controlPlane === undefined ? [] : controlPlaneText(status.controlPlane)),
    `${status.pods.running} of ${status.pods.total} pods run.`,
    ...(status.problems.length === 0
      ? ['Nothing is wrong.']
      : ['', 'What is wrong:', ...status.problems.map((problem) => `  - ${problem}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function controlPlaneText({ servers, leaders }: ControlPlaneStatus): readonly string[] {
  return [
    ...table([
      ['API SERVER', 'READY', 'MESSAGE'],
      ...servers.map(({ address, ready, message }) => [address, ready ? 'yes' : 'no', message]),
    ]),
    '',
    ...table([['COMPONENT', 'LEADER'], ...Object.entries(leaders).map(([name, holder]) => [name, holder || '-'])]),
    '',
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}
