/** Conformance cases that are left out, and why. The list only shrinks. */
import type { SimpleTest } from '@bufbuild/cel-spec/cel/expr/conformance/test/simple_pb.js';

const messages = 'Kubernetes objects are no protobuf messages';
const legacyFormat = 'Kubernetes keeps version 2 of the strings library, whose format() writes numbers as in English';
const lastWins = 'in cel-go, and so in Kubernetes, the last of repeated keys wins';
const lenientPresence =
  'Kubernetes leaves EnableErrorOnBadPresenceTest off: what has no fields has not this one either';
const searchBeyond = 'since cel-go 0.26 searching beyond the end finds nothing, and is no error';

/** Files of the suite about what Kubernetes' environment does not have. */
const files: Readonly<Record<string, string>> = {
  block_ext: "cel.@block is an optimizer's notation",
  encoders_ext: 'the encoders library is not enabled',
  math_ext: 'the math library is not enabled',
  proto2: messages,
  proto2_ext: messages,
  proto3: messages,
  enums: messages,
  wrappers: messages,
  dynamic: messages,
};

/** Single cases, by file, section and name. */
const cases: Readonly<Record<string, string>> = {
  'fields/qualified_identifier_resolution/map_value_repeat_key': lastWins,
  'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous': lastWins,
  'optionals/optionals/map_null_entry_no_such_key': lenientPresence,
  'optionals/optionals/map_present_key_invalid_field': lenientPresence,
  'type_deductions/legacy_nullable_types/null_assignable_to_abstract_parameter_candidate':
    'cel-go takes the type of the last of two that go together, here null',
  'string_ext/value_errors/indexof_out_of_range': searchBeyond,
  'string_ext/value_errors/lastindexof_out_of_range': searchBeyond,
};

/** Cases of string_ext/format about numbers inside of lists, and infinities as integers. */
const legacyFormatCases = new Set([
  'NaN support for decimal',
  'positive infinity support for decimal',
  'negative infinity support for decimal',
  'list support for string',
  'map support for string',
  'map support (all key types)',
  'dyntype NaN/infinity support',
  'dyntype support for lists',
  'dyntype support for maps',
  'scientific notation formatting clause in a string variable',
]);

/** What is left out by name: files, and cases as `file/section/name`. */
export const exclusions: readonly string[] = [
  ...Object.keys(files),
  ...Object.keys(cases),
  ...Array.from(legacyFormatCases, (name) => `string_ext/format/${name}`),
];

/** Why a case is left out; undefined when it is run. */
export function exclusionOf(file: string, section: string, test: SimpleTest): string | undefined {
  if (test.disableCheck) return 'Kubernetes checks every expression';
  if (/TestAllTypes|google\.protobuf\.(?!Timestamp\b|Duration\b)/.test(test.expr)) return messages;
  const variables = Object.values(test.bindings).map(({ kind }) => kind.value);
  if (/\bmsg\b/.test(test.expr) || JSON.stringify(variables, textOfBigint).includes('objectValue')) return messages;
  if (`${file}/${section}` === 'string_ext/format') {
    const legacy = legacyFormatCases.has(test.name) || /%(?:\.\d+)?[ef]/.test(test.expr);
    return legacy ? legacyFormat : undefined;
  }
  return files[file] ?? cases[`${file}/${section}/${test.name}`];
}

function textOfBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
