import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { StoreError } from '../store.ts';
import type { StoreErrorKind } from '../store.ts';

/** What the process in the namespace can be told to do. */
export type DiskCommand =
  | { readonly do: 'open' | 'compact' | 'list' | 'heard' | 'fill' | 'free' | 'close' }
  | { readonly do: 'create'; readonly key: string; readonly size: number }
  | { readonly do: 'remount'; readonly as: 'ro' | 'rw' };

/** What it answers. */
export type DiskAnswer =
  | { readonly value: unknown }
  | { readonly error: { readonly kind: StoreErrorKind; readonly message: string } };

/** A process with a store on a small disk in memory that only it can see; disposing kills it and frees the disk. */
export class IsolatedDisk implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#closed = once(child, 'close');
  }

  /** Mounts a disk of so many MB over an empty folder and starts the process. */
  static async start(folder: string, megabytes: number): Promise<IsolatedDisk> {
    const program = fileURLToPath(new URL('./disk-process.ts', import.meta.url));
    const mount = `mount -t tmpfs -o size=${megabytes}m tmpfs "$1" && mount --bind "$1" "$1" && cd "$1" && exec "$2" "$3" "$1/state.db"`;
    const args = ['-m', 'sh', '-c', mount, 'sh', folder, process.execPath, program];
    const disk = new IsolatedDisk(spawn('unshare', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
    await disk.#answer();
    return disk;
  }

  /** Has something done; StoreErrors come as they were there. */
  async tell(command: DiskCommand): Promise<unknown> {
    const answer = this.#answer();
    this.#child.send(command);
    return await answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async #answer(): Promise<unknown> {
    const gone = this.#closed.then(() => {
      throw new Error('the process with the disk ended by itself');
    });
    const [answer] = (await Promise.race([once(this.#child, 'message'), gone])) as [DiskAnswer];
    if ('error' in answer) throw new StoreError(answer.error.kind, answer.error.message);
    return answer.value;
  }
}
