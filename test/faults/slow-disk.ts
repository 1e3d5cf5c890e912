import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Makes every flush of a process to its disk take so much longer, by way of strace, until disposed of. Limits of a control group
 * would do it more quietly, but which there are depends on the machine, and a loop device or a RAM disk has none.
 */
export async function slowDisk(pid: number, milliseconds: number): Promise<AsyncDisposable> {
  const inject = `inject=fdatasync:delay_exit=${milliseconds * 1000}`;
  const child = spawn('strace', ['-f', '-p', String(pid), '-e', 'trace=fdatasync', '-e', inject, '-o', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const attached = Promise.withResolvers<void>();
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += String(text);
    if (said.includes('attached')) attached.resolve();
  });
  void ended.then(() => attached.reject(new Error(`strace ended: ${said}`)));
  await attached.promise;
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
