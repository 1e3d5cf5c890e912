import { describe, expect, test } from 'vitest';
import { parseArguments, locateVerb } from './parse-command.ts';
import { boolFlag, durationFlag, intFlag, sliceFlag, textFlag } from './flags.ts';
import { defineVerb } from './verb.ts';

const verb = defineVerb({
  usage: 'demo',
  long: 'Demo.',
  flags: {
    output: textFlag('', { short: 'o' }),
    watch: boolFlag('', { short: 'w' }),
    stdin: boolFlag('', { short: 'i' }),
    tty: boolFlag('', { short: 't' }),
    container: textFlag('', { short: 'c' }),
    'no-headers': boolFlag(''),
    wait: boolFlag('', { initial: true }),
    replicas: intFlag('', { initial: 1 }),
    labels: sliceFlag('', { short: 'L' }),
    timeout: durationFlag(''),
    'dry-run': textFlag('', { initial: 'none', bare: 'unchanged' }),
  },
  async run() {},
});

const parse = (...rest: string[]) => parseArguments({ path: 'kubectl demo', verb, rest });

describe('arguments are parsed as pflag does:', () => {
  test.each([
    [['-o', 'yaml'], 'output', 'yaml'],
    [['-oyaml'], 'output', 'yaml'],
    [['-o=yaml'], 'output', 'yaml'],
    [['--output', 'yaml'], 'output', 'yaml'],
    [['--output=yaml'], 'output', 'yaml'],
    [['-w'], 'watch', true],
    [['-w=false'], 'watch', false],
    [['--wait=false'], 'wait', false],
    [['--no-headers'], 'no-headers', true],
    [['-itc', 'app'], 'container', 'app'],
    [['-L', 'a,b', '-L', 'c'], 'labels', ['a', 'b', 'c']],
    [['--replicas=3'], 'replicas', 3],
    [['--timeout=1m30s'], 'timeout', 90_000],
    [['--dry-run'], 'dry-run', 'unchanged'],
    [['--dry-run=client'], 'dry-run', 'client'],
    [[], 'wait', true],
  ])('%j sets %s to %j', (args, name, value) => {
    expect(parse(...args).values[name]).toEqual(value);
  });

  test('flags and arguments may be mixed, and nothing behind -- is a flag', () => {
    const parsed = parse('pod', '-i', 'x', '-n', 'ns', '--', 'sh', '-c', 'ls');
    expect(parsed.args).toEqual(['pod', 'x', 'sh', '-c', 'ls']);
    expect(parsed.dash).toBe(2);
    expect(parsed.globals.namespace).toBe('ns');
  });

  test.each([
    [['--foo'], 'unknown flag: --foo'],
    [['-z'], "unknown shorthand flag: 'z' in -z"],
    [['-o'], "flag needs an argument: 'o' in -o"],
    [['--output'], 'flag needs an argument: --output'],
    [['--replicas=x'], 'invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [
      ['-w=maybe'],
      'invalid argument "maybe" for "-w, --watch" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['--timeout=5'], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
  ])('%j is refused: %s', (args, message) => {
    expect(() => parse(...args)).toThrow(`${message}\nSee 'kubectl demo --help' for usage.`);
  });
});

describe('a verb', () => {
  const entries = [{ name: 'demo', aliases: ['d'], short: '', load: async () => verb }];

  test('is found behind global flags, by name and by alias', async () => {
    for (const word of ['demo', 'd']) {
      const located = await locateVerb(['-n', 'demo', '--v=3', word, 'x'], entries);
      expect(located?.rest).toEqual(['-n', 'demo', '--v=3', 'x']);
    }
  });

  test('that is not known is answered with one that is near', async () => {
    await expect(locateVerb(['deno'], entries)).rejects.toMatchObject({
      message: 'unknown command "deno" for "kubectl"\n\nDid you mean this?\n\tdemo\n',
    });
  });
});
