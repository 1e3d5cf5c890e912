/** The canonical gRPC codes by number. Source: google.rpc.Code, spelled as Go's grpc/codes prints them. */
export const runtimeErrorCodes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;

/** Why the container runtime refused or failed; branch on it. */
export type RuntimeErrorCode = (typeof runtimeErrorCodes)[number];

/** The one error of a container runtime. Its message is worded as Go's gRPC prints it, since events carry that text. */
export class RuntimeError extends Error {
  readonly code: RuntimeErrorCode;
  /** What the runtime itself said, without the gRPC prefix. */
  readonly detail: string;
  /** The CRI method that failed, such as `RunPodSandbox`. */
  readonly operation: string;

  constructor(code: RuntimeErrorCode, detail: string, options: { operation: string; cause?: unknown }) {
    super(
      `rpc error: code = ${code} desc = ${detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'RuntimeError';
    this.code = code;
    this.detail = detail;
    this.operation = options.operation;
  }
}

/** Whether `error` came from a container runtime with one of the given codes. */
export function hasRuntimeCode(error: unknown, ...codes: RuntimeErrorCode[]): error is RuntimeError {
  return error instanceof RuntimeError && codes.includes(error.code);
}
