import { Writable } from 'node:stream';
import { runCommandLine } from '../../command-line.ts';
import { storeCommand } from '../../commands/store.ts';

/** What `kubets store …` said and how it ended. */
export interface StoreCommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `kubets store` with arguments in this process. */
export async function runStoreCommand(...args: readonly string[]): Promise<StoreCommandResult> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const signal = new AbortController().signal;
  const code = await runCommandLine([storeCommand], ['store', ...args], { stdout, stderr, signal });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
