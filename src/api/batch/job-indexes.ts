/** Sets of indexes of an Indexed Job in their text form, such as `1,3-5,7`. Source: kubernetes' batch validation. */

/** Indexes from `first` to `last`, both included. */
export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

/** Parses indexes below `completions`. Throws Error, worded as clients know it, for others and for disorder. */
export function parseIndexes(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return [];
  let previous: number | undefined;
  return text.split(',').map((part) => {
    const interval = parseInterval(part, completions);
    if (previous !== undefined && previous >= interval.first) throw disorder(previous, interval.first);
    previous = interval.last;
    return interval;
  });
}

/** How many indexes there are. */
export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((total, { first, last }) => total + last - first + 1, 0);
}

/** The first index that is in both sets. */
export function sharedIndex(a: readonly IndexInterval[], b: readonly IndexInterval[]): number | undefined {
  for (const one of a) {
    const other = b.find(({ first, last }) => first <= one.last && one.first <= last);
    if (other) return Math.max(one.first, other.first);
  }
  return undefined;
}

function parseInterval(text: string, completions: number): IndexInterval {
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) {
    throw new Error(
      `the fragment ${JSON.stringify(text)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const first = parseIndex(from, completions);
  if (to === undefined) return { first, last: first };
  const last = parseIndex(to, completions);
  if (first >= last) throw disorder(first, last);
  return { first, last };
}

function parseIndex(text: string, completions: number): number {
  if (!/^\+?\d+$/.test(text)) throw new Error(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  if (Number(text) >= completions) throw new Error(`too large index: ${JSON.stringify(text)}`);
  return Number(text);
}

function disorder(previous: number, current: number): Error {
  return new Error(`non-increasing order, previous: ${previous}, current: ${current}`);
}
