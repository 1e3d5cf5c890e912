import { expect, test } from 'vitest';
import { CommandError, runCommand } from './run-command.ts';

test('a program gets its input and its output comes back, also where it opens /dev/stdin itself', async () => {
  expect(await runCommand(['cat', '/dev/stdin'], { input: 'hello' })).toBe('hello');
  const large = 'x'.repeat(5_000_000);
  expect((await runCommand(['cat'], { input: large })).length).toBe(large.length);
});

test('a program that fails tells its exit code and what it said', async () => {
  const error = await runCommand(['ls', '/nowhere']).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandError);
  expect(error).toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^ls \/nowhere: .*No such file.*\(exit code 2\)$/s),
  });
});

test('a program that is missing, and one that is aborted, have no exit code', async () => {
  await expect(runCommand(['no-such-program'])).rejects.toMatchObject({ exitCode: undefined });
  const abort = new AbortController();
  const running = runCommand(['sleep', '60'], { signal: abort.signal });
  abort.abort();
  await expect(running).rejects.toMatchObject({ exitCode: undefined });
});
