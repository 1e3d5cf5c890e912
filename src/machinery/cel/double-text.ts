/** Doubles as text and back, as Go writes (`%g`) and reads them. */

/** The shortest text that reads back the same: exponents below -4 and from 6 on. Source: Go's fmt, `%g`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  const sign = power < 0 ? '-' : '+';
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const special = /^([+-]?)(inf|infinity|nan)$/i;

/** Parses a double; undefined when malformed or too large. */
export function parseDouble(text: string): number | undefined {
  const match = special.exec(text);
  if (match) {
    const [, sign, name = ''] = match;
    if (name.toLowerCase() === 'nan') return sign === '' ? NaN : undefined;
    return sign === '-' ? -Infinity : Infinity;
  }
  if (!decimal.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
