import { systemRandom } from '../base/system-random.ts';
import { parseDuration } from '../machinery/duration.ts';
import type { CliIo } from './command/cli-io.ts';
import { CommandError } from './command/command-error.ts';
import type { GlobalFlags } from './command/global-flags.ts';
import type { ApiConnection } from './http/api-connection.ts';
import { openApiConnection } from './http/node-api-connection.ts';
import { activeContext, resolveTarget } from './kubeconfig/api-target.ts';
import type { ApiTarget } from './kubeconfig/api-target.ts';
import { loadKubeconfig } from './kubeconfig/kubeconfig.ts';
import type { Kubeconfig, KubeconfigSources } from './kubeconfig/kubeconfig.ts';
import { discover } from './resource/discovery.ts';
import { createResourceMapper } from './resource/resource-mapper.ts';
import type { ResourceMapper } from './resource/resource-mapper.ts';

/** What one command line shares: kubeconfig, connection and discovery, each made at first use. */
export class Session implements AsyncDisposable {
  readonly globals: GlobalFlags;
  readonly #io: CliIo;
  #kubeconfig: Kubeconfig | undefined;
  #target: ApiTarget | undefined;
  #connection: ApiConnection | undefined;
  #mapper: Promise<ResourceMapper> | undefined;
  #warnings = 0;

  constructor(globals: GlobalFlags, io: CliIo) {
    this.globals = globals;
    this.#io = io;
  }

  /** Where the kubeconfig comes from. */
  get sources(): KubeconfigSources {
    return { flag: this.globals.kubeconfig, env: this.#io.env, cwd: this.#io.cwd };
  }

  get kubeconfig(): Kubeconfig {
    return (this.#kubeconfig ??= loadKubeconfig(this.sources));
  }

  get target(): ApiTarget {
    const options = { timeout: timeoutOf(this.globals['request-timeout']), env: this.#io.env };
    return (this.#target ??= resolveTarget(this.kubeconfig, this.globals, options));
  }

  /** The namespace that commands work in, and whether the command line names it. */
  get namespace(): { readonly name: string; readonly explicit: boolean } {
    const context = activeContext(this.kubeconfig, this.globals);
    const name = this.globals.namespace || context.namespace || 'default';
    return { name, explicit: this.globals.namespace !== '' };
  }

  get connection(): ApiConnection {
    return (this.#connection ??= openApiConnection(this.target, {
      warn: (text) => {
        this.#warnings += 1;
        this.#io.stderr.write(`Warning: ${text}\n`);
      },
      trace: (line, level) => {
        if (this.globals.v >= level) this.#io.stderr.write(`${line}\n`);
      },
    }));
  }

  /** Number of warnings that the server has sent. */
  get warnings(): number {
    return this.#warnings;
  }

  mapper(): Promise<ResourceMapper> {
    return (this.#mapper ??= discover(this.connection).then(createResourceMapper));
  }

  /** A random identifier. */
  uuid(): string {
    return systemRandom.uuid();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.[Symbol.asyncDispose]();
  }
}

function timeoutOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  try {
    return parseDuration(text);
  } catch (error) {
    throw new CommandError(
      `Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)`,
      { cause: error },
    );
  }
}
