/** A part of the system with a life of its own. `run` resolves only when everything it started has ended. */
export interface Component {
  readonly name: string;
  /** Names of the components that must be ready before this one starts. */
  readonly needs?: readonly string[];
  run(signal: AbortSignal): Promise<void>;
}
