import type { ContainerConfig, ExecSyncRequest } from '../cri/container-runtime.ts';

/** How a container of the fake runtime acts. Without anything set it runs until it is stopped. */
export interface FakeBehaviour {
  /** The runtime cannot start it: the text of the error. */
  readonly startError?: string | undefined;
  /** It exits by itself this many milliseconds after its start. */
  readonly exitAfterMs?: number | undefined;
  /** Exit code when it exits by itself: 0 unless given. */
  readonly exitCode?: number | undefined;
  /** Reason when it exits by itself, such as OOMKilled; otherwise Completed or Error. */
  readonly reason?: string | undefined;
  /** How it answers its stop signal: at once with 0 unless given; `ignored` waits for SIGKILL. */
  readonly onStop?: { readonly afterMs?: number | undefined; readonly exitCode?: number | undefined } | 'ignored';
}

/** Chooses the behaviour of a container when it starts; undefined leaves the choice to earlier rules. */
export type BehaviourRule = (config: ContainerConfig) => FakeBehaviour | undefined;

/** What a scripted command leaves; outputs are text. */
export interface FakeExecResult {
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
  readonly exitCode?: number | undefined;
  /** How long it runs; past the request's timeout it fails with DeadlineExceeded. */
  readonly afterMs?: number | undefined;
}

/** Answers commands run in containers; undefined leaves the answer to earlier rules. May throw a `RuntimeError`. */
export type ExecRule = (
  request: ExecSyncRequest,
  container: { readonly id: string; readonly config: ContainerConfig },
) => FakeExecResult | undefined;
