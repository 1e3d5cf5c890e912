/** What one run of a probe found. `message` is what an Unhealthy event says. */
export interface ProbeOutcome {
  readonly ok: boolean;
  readonly message: string;
  /** The probe could not be run, which says nothing about the container: it counts neither way. */
  readonly errored?: boolean;
}

/** The three kinds of probes of a container. */
export type ProbeType = 'liveness' | 'readiness' | 'startup';
