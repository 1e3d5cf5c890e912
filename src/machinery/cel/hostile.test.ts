/** What a hostile author may try: nothing hangs, overflows or throws anything but a CelError. */
import { describe, expect, test } from 'vitest';
import { CelError } from './cel-error.ts';
import { celTypes, listType } from './cel-type.ts';
import { createCelEnvironment } from './environment.ts';

const environment = createCelEnvironment({ variables: { x: celTypes.dyn, list: listType(celTypes.int) } });
const list = Array.from({ length: 1000 }, (_, index) => index);

/** What compiling and evaluating says; anything but a CelError is thrown on. */
function attempt(text: string): string {
  try {
    return String(environment.compile(text).program.evaluate({ x: 1, list }).cost);
  } catch (error) {
    if (error instanceof CelError) return error.message;
    throw error;
  }
}

const nested = (depth: number, open: string, close: string): string => open.repeat(depth) + close.repeat(depth);

describe('hostile expressions', () => {
  test.each([
    ['parentheses', nested(5000, '(', ')')],
    ['brackets', nested(5000, '[', ']')],
    ['braces', nested(5000, '{1:', '}')],
    ['calls', `${'size('.repeat(5000)}x${')'.repeat(5000)}`],
    ['conditions', `${'x ? x : '.repeat(5000)}x`],
  ])('deeply nested %s are refused', (_, text) => {
    expect(attempt(text)).toContain('expression recursion limit exceeded: 250');
  });

  test.each([
    ['selections', `x${'.a'.repeat(5000)}`],
    ['indexes', `x${'[0]'.repeat(5000)}`],
    ['sums', `1${' + 1'.repeat(5000)}`],
    ['calls', `x${'.size()'.repeat(5000)}`],
    ['comparisons', `x${' == x'.repeat(5000)}`],
  ])('long chains of %s are refused', (_, text) => {
    expect(attempt(text)).toContain('max recursion depth exceeded');
  });

  test('signs and terms may be many', () => {
    expect(attempt(`${'!'.repeat(10_001)}true`)).toBe('1');
    expect(attempt(`${'-'.repeat(10_000)}1`)).toBe('1');
    expect(attempt(Array.from({ length: 5000 }, () => 'true').join(' && '))).toBe('0');
    expect(attempt(`[${'1,'.repeat(20_000)}] == []`)).toBe('0');
  });

  test('an expression that is too long is refused', () => {
    expect(attempt(`'${'a'.repeat(100_001)}'`)).toContain('expression code point size exceeds limit');
  });

  test('macros that copy their target do not double an expression without end', () => {
    expect(attempt(`optional.of(1)${'.optMap(v, v)'.repeat(60)}`)).toContain('too large after macro expansion');
  });

  test('nested loops end at the cost limit', () => {
    const loops = 'list.all(a, list.all(b, list.all(c, list.all(d, a + b + c + d >= 0))))';
    expect(attempt(loops)).toBe('operation cancelled: actual cost limit exceeded');
    expect(attempt('list.map(a, list.map(b, list.map(c, list))) == []')).toContain('cost limit exceeded');
  });

  test('a failing predicate is charged, too', () => {
    expect(attempt('list.exists(a, list.exists(b, list.exists(c, 1 / 0 == x)))')).toContain('cost limit exceeded');
  });

  test('a pattern that would backtrack takes linear time', () => {
    expect(attempt(`'${'a'.repeat(5000)}!'.matches('^(a+)+$')`)).toBe('1002');
  });

  test('searching a text takes linear time', () => {
    const strings = createCelEnvironment({ variables: { text: celTypes.string, part: celTypes.string } });
    const text = 'a'.repeat(1_000_000);
    const part = `b${'a'.repeat(400_000)}`;
    for (const call of [
      'indexOf(part) == -1',
      'lastIndexOf(part) == -1',
      'split(part).size() == 1',
      "replace(part, '') == text",
    ]) {
      const { program } = strings.compile(`text.${call}`);
      expect(program.evaluate({ text, part }).value).toBe(true);
    }
  });

  test('data that is nested too deeply is an error of the evaluation', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 200_000; depth++) deep = [deep];
    const nestedData = createCelEnvironment({ variables: { a: celTypes.dyn } });
    for (const expression of ["'%s'.format([a]) == ''", 'a.flatten(1000000) == []']) {
      const { program } = nestedData.compile(expression);
      expect(() => program.evaluate({ a: deep })).toThrow('values are nested too deeply');
    }
  });

  test('fields named like members of Object are fields', () => {
    expect(attempt('x.constructor')).toBe('no such key: constructor');
    const objects = createCelEnvironment({ variables: { o: celTypes.dyn } });
    const { program } = objects.compile("has(o.__proto__) || has(o.toString) || 'constructor' in o");
    expect(program.evaluate({ o: {} }).value).toBe(false);
    expect(objects.compile('o.__proto__.a').program.evaluate({ o: JSON.parse('{"__proto__":{"a":1}}') }).value).toBe(1);
  });

  test('random tokens are compiled, or refused with a CelError', () => {
    const pieces =
      "x list 1 1u 1.5 'a' b'b' r'\\' true null ( ) [ ] { } . , ? : ! - + * / % == != < && || in has( .all(a, .map(a, .optMap(a, .?b [?0] int dyn( \"\"\" ` \\ $ 0x 👑 // \n @ __result__ .format( 'a'.matches( timestamp( duration( ".split(
        ' ',
      );
    let seed = 1;
    const random = (bound: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % bound;
    };
    for (let round = 0; round < 20_000; round++) {
      const text = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join(
        random(2) ? ' ' : '',
      );
      expect(typeof attempt(text)).toBe('string');
    }
  });
});
