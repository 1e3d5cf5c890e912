import type { Facts } from './facts.ts';

/** How grave deviations are, from least to most. */
export const severities = ['low', 'medium', 'high', 'critical'] as const;
/** One of `severities`. */
export type Severity = (typeof severities)[number];

/** One thing that is not as it should be. */
export interface Deviation {
  /** The object, file, flag or node. */
  readonly where: string;
  /** How it is. */
  readonly what: string;
}

/** One thing that is looked at. A new one is an entry in a file of this folder. */
export interface Check {
  /** Stable, in kebab case. */
  readonly name: string;
  /** What should hold, as a sentence. */
  readonly title: string;
  readonly severity: Severity;
  /** What can happen otherwise. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
  /** The deviations; undefined when it can't be looked at from here. */
  look(facts: Facts): readonly Deviation[] | undefined;
}
