/** What a stored value meant, and whether it should be written anew although that has not changed. */
export interface OpenedValue {
  readonly value: Uint8Array;
  /** Another key or another scheme would be used today. */
  readonly isStale: boolean;
}

/**
 * Turns values into what is stored and back. `path` is the place of the value, to which schemes that authenticate bind it:
 * a value that was moved elsewhere can't be read there. Source: apiserver's storage/value.Transformer.
 */
export interface ValueTransformer {
  /** The parts of what is stored, to be written one behind the other. Throws TransformError. */
  seal(value: Uint8Array, path: string): readonly Uint8Array[];
  /** Reads what `seal` made: at once, unless somebody else must be asked. Throws or rejects with TransformError. */
  open(stored: Uint8Array, path: string): OpenedValue | Promise<OpenedValue>;
}

/** Why a value could not be turned. */
export class TransformError extends Error {
  /** It may succeed later: another program could not be reached. */
  readonly isTransient: boolean;

  constructor(message: string, options: { readonly isTransient?: boolean; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TransformError';
    this.isTransient = options.isTransient ?? false;
  }
}

/** The error for values that are too short to be what their scheme writes. */
export function tooShort(): TransformError {
  return new TransformError('the stored data was shorter than the required size');
}
