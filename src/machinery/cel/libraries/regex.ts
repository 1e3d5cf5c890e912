/** `find` and `findAll`. Source: apiserver's pkg/cel/library/regex.go. */
import { patternCost, sizeAt } from '../call-cost.ts';
import type { CallCost } from '../call-cost.ts';
import { celTypes, listType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { memberOverload as member } from '../library.ts';
import type { CelInt } from '../numbers.ts';
import { patternOf } from '../patterns.ts';
import { CelList } from '../values.ts';

const { string, int } = celTypes;

const illegal = 'Illegal regex: ';

function find(text: string, pattern: string): string {
  const matcher = patternOf(pattern, illegal).matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: string, pattern: string, limit: CelInt = -1): CelList {
  const matcher = patternOf(pattern, illegal).matcher(text);
  const found: string[] = [];
  let previousEnd = -1;
  const most = limit < 0 ? Infinity : Number(limit);
  while (found.length < most && matcher.find()) {
    // Go does not count an empty match right after another.
    const empty = matcher.start() === matcher.end();
    if (!empty || matcher.start() !== previousEnd) found.push(matcher.group() ?? '');
    previousEnd = matcher.end();
  }
  return new CelList(found);
}

const search = patternCost(0, 1);
/** At worst every character is a match. */
const findCost: CallCost = {
  ...search,
  estimate: (call) => {
    const estimate = search.estimate?.(call);
    return estimate && { ...estimate, size: { min: 0, max: sizeAt(call, 0).max } };
  },
};

/** Searches by regular expressions. */
export const regex: CelLibrary = {
  name: 'regex',
  functions: [
    {
      name: 'find',
      cost: findCost,
      pattern: 1,
      overloads: [member('string_find_string', [string, string], string, find)],
    },
    {
      name: 'findAll',
      cost: findCost,
      pattern: 1,
      overloads: [
        member('string_find_all_string', [string, string], listType(string), findAll),
        member('string_find_all_string_int', [string, string, int], listType(string), findAll),
      ],
    },
  ],
};
