import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PluginCalls, PluginState } from './kms-plugin-program.ts';

/** A real process that speaks the KMS protocol on a socket, and can be killed and started again. */
export class KmsPluginProcess implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubets-kms-'));
  #state: PluginState = { version: 'v2', healthz: 'ok', keyId: 'key-1' };
  #child: ChildProcess | undefined;

  /** Where it listens, as an EncryptionConfiguration has it. */
  get endpoint(): string {
    return `unix://${this.#folder}/kms.sock`;
  }

  /** Starts it and waits until it answers. */
  async start(): Promise<void> {
    const program = new URL('kms-plugin-program.ts', import.meta.url);
    this.#child = fork(program, [`${this.#folder}/kms.sock`], { execArgv: [], stdio: 'inherit' });
    await once(this.#child, 'message');
    await this.tell(this.#state);
  }

  /** Changes what it answers. Resolves, with how often it was asked since it started, once that holds. */
  async tell(state: Partial<PluginState>): Promise<PluginCalls> {
    this.#state = { ...this.#state, ...state };
    const answered = once(this.#child!, 'message');
    this.#child!.send(this.#state);
    const [calls] = (await answered) as [PluginCalls];
    return calls;
  }

  /** How often it was asked since it started. */
  calls(): Promise<PluginCalls> {
    return this.tell({});
  }

  /** Kills it as the kernel does; its socket stays behind. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
