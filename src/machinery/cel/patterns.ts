/** Regular expressions of users: RE2's, in linear time, compiled once. */
import { RE2JS, RE2JSException } from 're2js';
import { fail } from './cel-error.ts';

const known = new Map<string, RE2JS>();

/** The compiled form of a pattern; fails when malformed, with `complaint` in front. */
export function patternOf(pattern: string, complaint = ''): RE2JS {
  let compiled = known.get(pattern);
  if (!compiled) {
    try {
      compiled = RE2JS.compile(pattern);
    } catch (error) {
      if (error instanceof RE2JSException) return fail(complaint + error.message);
      throw error;
    }
    // Rules use a few constant patterns; the bound is against patterns that are computed.
    if (known.size >= 1000) known.clear();
    known.set(pattern, compiled);
  }
  return compiled;
}
