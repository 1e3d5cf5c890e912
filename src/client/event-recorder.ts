/** What an event is about; any object serves. */
export interface EventTarget {
  readonly apiVersion?: string | undefined;
  readonly kind?: string | undefined;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
}

/** One thing that happened to an object, as `kubectl describe` and `kubectl get events` show it. */
export interface RecordedEvent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, such as `FailedScheduling`. */
  readonly reason: string;
  readonly message: string;
  /** Such as `spec.containers{web}`. */
  readonly fieldPath?: string | undefined;
}

/** Writes events; repeated ones are counted, floods are dropped, and failures never reach the caller. */
export interface EventRecorder {
  record(about: EventTarget, event: RecordedEvent): void;
}
