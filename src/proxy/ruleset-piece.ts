import type { Json } from '../base/json.ts';
import type { Rule } from './nft-json.ts';

/** One element of a set or map: for maps `value` is what the key leads to. */
export interface Element {
  readonly set: string;
  readonly key: Json;
  readonly value?: Json | undefined;
}

/** A set that the kernel fills by itself; elements expire after `timeoutSeconds`. */
export interface DynamicSet {
  readonly name: string;
  readonly timeoutSeconds: number;
}

/** What one owner (a Service, or the proxy itself) contributes to the table. */
export interface Piece {
  /** Chains by name, with their rules. A name belongs to one owner. */
  readonly chains: ReadonlyMap<string, readonly Rule[]>;
  readonly dynamicSets: readonly DynamicSet[];
  /** Elements of shared sets; two owners may ask for the same one. */
  readonly elements: readonly Element[];
}

/** Several pieces as one. */
export function joinPieces(pieces: readonly Piece[]): Piece {
  return {
    chains: new Map(pieces.flatMap((piece) => [...piece.chains])),
    dynamicSets: pieces.flatMap((piece) => piece.dynamicSets),
    elements: pieces.flatMap((piece) => piece.elements),
  };
}
