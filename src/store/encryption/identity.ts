import { TransformError } from './value-transformer.ts';
import type { ValueTransformer } from './value-transformer.ts';

/** What every encrypted value begins with; JSON and protobuf never do. */
const mark = Buffer.from('k8s:enc:');

/** Whether stored bytes are encrypted, by whatever. */
export function isEncrypted(stored: Uint8Array): boolean {
  return stored[0] === mark[0] && stored.length >= mark.length && mark.every((byte, at) => stored[at] === byte);
}

/** Leaves values as they are, and refuses to read encrypted ones. Source: apiserver's value/encrypt/identity. */
export const identity: ValueTransformer = {
  seal: (value) => [value],
  open(stored) {
    if (isEncrypted(stored)) throw new TransformError('identity transformer tried to read encrypted data');
    return { value: stored, isStale: false };
  },
};
