import { formatDuration } from '../../machinery/duration.ts';
import type { Flag, FlagTable } from './flag.ts';

const width = 100;
const indent = ' '.repeat(10);

/** The text of `--help`: what the component does, and each flag with what it means. */
export function flagHelp(component: string, summary: string, flags: FlagTable): string {
  const entries = Object.entries(flags).sort(([a], [b]) => a.localeCompare(b));
  const lines = entries.flatMap(([name, flag]) => [`  ${title(name, flag)}`, ...wrap(describe(flag))]);
  return [`Usage: kubets ${component} [flags]`, '', sentence(summary), '', 'Flags:', ...lines, ''].join('\n');
}

function title(name: string, { value }: Flag<unknown>): string {
  const dashes = name === 'v' ? '-v, --v' : `--${name}`;
  return value === '' ? dashes : `${dashes} ${value}`;
}

function describe(flag: Flag<unknown>): string {
  const fallback = fallbackText(flag);
  return fallback === '' ? `${flag.help}.` : `${flag.help} (default ${fallback}).`;
}

function fallbackText({ default: fallback, value }: Flag<unknown>): string {
  if (fallback === undefined) return '';
  if (Array.isArray(fallback)) return fallback.join(',');
  if (typeof fallback === 'number') return value === 'duration' ? formatDuration(fallback) : String(fallback);
  return typeof fallback === 'string' || typeof fallback === 'boolean' ? String(fallback) : '';
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

function sentence(summary: string): string {
  return `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
}
