import type { LifecycleHandler } from '../../api/core/container.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import { sendRequest } from '../probe/http-request.ts';
import { urlOf } from '../probe/http-probe.ts';
import { portNumber } from '../probe/run-probe.ts';
import { tcpProbe } from '../probe/tcp-probe.ts';
import type { AnyContainer } from './pod-facts.ts';

/** Where a hook runs. */
export interface HookTarget {
  readonly containerId: string;
  readonly container: AnyContainer;
  readonly podIP: string;
}

/** A hook that failed; the message is the event's. */
export class HookError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HookError';
  }
}

const requestTimeout = 30_000;

/** Runs postStart and preStop hooks: a command, a GET, a TCP connection or a sleep. */
export class LifecycleHooks {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;

  constructor(options: { readonly runtime: ContainerRuntime; readonly clock: Clock }) {
    this.#runtime = options.runtime;
    this.#clock = options.clock;
  }

  /** Resolves when the hook has succeeded; throws HookError when it has not. */
  async run(handler: LifecycleHandler, target: HookTarget, signal: AbortSignal): Promise<void> {
    if (handler.exec) return this.#exec(handler.exec.command ?? [], target, signal);
    if (handler.sleep) return this.#clock.sleep(handler.sleep.seconds * 1000, signal);
    if (handler.httpGet) return httpHook(handler.httpGet, target, signal);
    if (handler.tcpSocket) return tcpHook(handler.tcpSocket, target, signal);
    throw new HookError('invalid handler: none of exec, httpGet, tcpSocket and sleep is set');
  }

  async #exec(command: readonly string[], { containerId }: HookTarget, signal: AbortSignal): Promise<void> {
    const { exitCode, stdout, stderr } = await this.#runtime.execSync(containerId, { command }, { signal });
    if (exitCode === 0) return;
    const output = Buffer.concat([stdout, stderr]).toString('utf8');
    throw new HookError(`command '${command.join(' ')}' exited with ${exitCode}: ${output}`);
  }
}

async function httpHook(
  action: NonNullable<LifecycleHandler['httpGet']>,
  { container, podIP }: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  const port = portNumber(container, action.port);
  if (port === undefined) throw new HookError(`couldn't find port: "${action.port}"`);
  const url = urlOf(action, port, podIP);
  try {
    const headers = action.httpHeaders ?? [];
    const answer = await sendRequest({
      url,
      headers,
      timeoutMs: requestTimeout,
      userAgent: 'kube-lifecycle/1.36',
      signal,
    });
    if (answer.statusCode >= 400)
      throw new HookError(`Http lifecycle hook (${url.href}) answered ${answer.statusCode}: ${answer.body}`);
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof HookError ? error : new HookError(messageOf(error), { cause: error });
  }
}

async function tcpHook(
  action: NonNullable<LifecycleHandler['tcpSocket']>,
  { container, podIP }: HookTarget,
  signal: AbortSignal,
): Promise<void> {
  const port = portNumber(container, action.port);
  if (port === undefined) throw new HookError(`couldn't find port: "${action.port}"`);
  const outcome = await tcpProbe({ host: action.host || podIP, port, timeoutMs: requestTimeout, signal });
  if (!outcome.ok) throw new HookError(outcome.message);
}
