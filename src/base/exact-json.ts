/**
 * JSON without loss: an integer that a number can't hold exactly is a bigint, as far as it has 64 bits. Kubernetes keeps
 * such integers in custom resources; built-in kinds have none. Source: sigs.k8s.io/json.
 */

/** The fewest digits of an integer that a number may not hold. */
const longDigits = 16;
const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** Parses JSON; what no number of the text needs costs nothing. Throws SyntaxError. */
export function parseExactJson(text: string): unknown {
  return hasLongNumber(text)
    ? JSON.parse(text, exactInteger as (key: string, value: unknown) => unknown)
    : JSON.parse(text);
}

/** An integer's digits as a number, or as a bigint if that is what it takes. Longer ones are rounded, as Go does. */
export function exactIntegerOf(digits: string): number | bigint {
  const rounded = Number(digits);
  if (Number.isSafeInteger(rounded)) return rounded;
  const exact = BigInt(digits);
  if (exact < minInt64 || exact > maxInt64) return rounded;
  writeBigintsInJson();
  return exact;
}

/** Lets JSON.stringify write bigints as the integers that they are. */
function writeBigintsInJson(): void {
  if ('toJSON' in BigInt.prototype) return;
  const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };
  // oxlint-disable-next-line no-extend-native -- JSON.stringify has no other way, and fails without
  Object.defineProperty(BigInt.prototype, 'toJSON', {
    value(this: bigint) {
      return rawJSON(String(this));
    },
    configurable: true,
    writable: true,
  });
}

/**
 * Whether a text has so many digits in a row: one of so many characters must be among them. Digits of fractions and within words
 * are none of an integer; others within strings are taken for one, which costs time and nothing else.
 */
function hasLongNumber(text: string): boolean {
  let at = longDigits - 1;
  while (at < text.length) {
    if (isDigit(text, at)) {
      let start = at;
      while (isDigit(text, start - 1)) start--;
      while (isDigit(text, at)) at++;
      if (at - start >= longDigits && mayBeginNumber(text, start)) return true;
    }
    at += longDigits;
  }
  return false;
}

function mayBeginNumber(text: string, at: number): boolean {
  const before = text[at - 1] === '-' ? text[at - 2] : text[at - 1];
  return before === undefined || ' :,[\n\t\r'.includes(before);
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function exactInteger(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return source !== undefined && /^-?\d+$/.test(source) ? exactIntegerOf(source) : value;
}
