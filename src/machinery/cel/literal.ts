/** The values of literal tokens. */
import type { Token } from './lexer.ts';
import { toInt, toUint } from './numbers.ts';
import { parseBytesLiteral, parseStringLiteral } from './string-literal.ts';
import type { CelValue } from './values.ts';
import { CelDouble } from './values.ts';

/** The value of a literal, or what is wrong with it in cel-go's words. */
export function parseLiteral(
  token: Token,
  negative: boolean,
): { readonly value: CelValue } | { readonly problem: string } {
  const { kind, text } = token;
  const sign = negative ? '-' : '';
  switch (kind) {
    case 'true':
    case 'false':
      return { value: kind === 'true' };
    case 'null':
      return { value: null };
    case 'NUM_INT':
      return valueOr(toInt(negative ? -BigInt(text) : BigInt(text)), 'invalid int literal');
    case 'NUM_UINT':
      return valueOr(toUint(BigInt(text.slice(0, -1))), 'invalid uint literal');
    case 'NUM_FLOAT': {
      const number = Number(sign + text);
      return Number.isFinite(number) ? { value: new CelDouble(number) } : { problem: 'invalid double literal' };
    }
    case 'STRING':
      return valueOr(parseStringLiteral(text), 'invalid unicode code point');
    case 'BYTES':
      return valueOr(parseBytesLiteral(text.slice(1)), 'unable to unescape string');
    default:
      return { problem: `unexpected ${kind}` };
  }
}

function valueOr(value: CelValue | undefined, problem: string): { value: CelValue } | { problem: string } {
  return value === undefined ? { problem } : { value };
}
