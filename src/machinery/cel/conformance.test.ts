/** The cases of CEL's conformance suite that Kubernetes' environment can express. */
import { getConformanceSuite } from '@bufbuild/cel-spec/testdata/tests.js';
import type { IncrementalTest } from '@bufbuild/cel-spec/testdata/tests.js';
import type { Type } from '@bufbuild/cel-spec/cel/expr/checked_pb.js';
import type { Value } from '@bufbuild/cel-spec/cel/expr/value_pb.js';
import { describe, expect, test } from 'vitest';
import { CelError } from './cel-error.ts';
import type { CelType } from './cel-type.ts';
import {
  celTypes,
  listType,
  mapType,
  objectType,
  opaqueType,
  sameType,
  typeParam,
  typeType,
  formatType,
} from './cel-type.ts';
import { createCelEnvironment } from './environment.ts';
import { celEquals } from './equality.ts';
import { bindings } from './libraries/bindings.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import type { CelLibrary } from './library.ts';
import { globalOverload, memberOverload } from './library.ts';
import { canonicalInt } from './numbers.ts';
import { CelDouble, CelList, CelTypeValue, CelUint, EntryMap } from './values.ts';
import { typeOf } from './value-type.ts';
import type { CelValue } from './values.ts';
import { exclusionOf, exclusions } from './testing/conformance-exclusions.ts';

const libraries: readonly CelLibrary[] = [...kubernetesLibraries, bindings];

for (const file of getConformanceSuite().suites) {
  for (const section of file.suites) {
    const cases = section.tests.filter((candidate) => !exclusionOf(file.name, section.name, candidate.original));
    if (cases.length === 0) continue;
    describe(`${file.name}, ${section.name}`, () => {
      for (const candidate of cases) test(`${candidate.name}: ${candidate.original.expr}`, () => check(candidate));
    });
  }
}

test('every case that is left out exists', () => {
  const names = getConformanceSuite().suites.flatMap(({ name: file, suites }) =>
    suites.flatMap(({ name: section, tests }) => [file, ...tests.map(({ name }) => `${file}/${section}/${name}`)]),
  );
  expect(exclusions.filter((name) => !names.includes(name))).toEqual([]);
});

function check({ original }: IncrementalTest): void {
  const variables: Record<string, CelType> = {};
  const functions: CelLibrary['functions'] = original.typeEnv.flatMap(({ name, declKind }) => {
    if (declKind.case === 'ident') variables[name] = typeOfProto(declKind.value.type);
    if (declKind.case !== 'function') return [];
    const overloads = declKind.value.overloads.map(({ overloadId, params, resultType, isInstanceFunction }) => {
      const declare = isInstanceFunction ? memberOverload : globalOverload;
      return declare(overloadId, params.map(typeOfProto), typeOfProto(resultType), () => null);
    });
    return [{ name, overloads }];
  });
  const bound: Record<string, CelValue> = {};
  for (const [name, { kind }] of Object.entries(original.bindings)) {
    if (kind.case !== 'value') throw new Error(`binding ${name} is a ${kind.case}`);
    bound[name] = valueOfProto(kind.value);
    if (original.disableCheck) variables[name] ??= celTypes.dyn;
  }
  const environment = createCelEnvironment({
    libraries: functions.length > 0 ? [...libraries, { name: 'declared', functions }] : libraries,
    variables,
    container: original.container,
    mixedLiterals: true,
  });
  const { resultMatcher } = original;
  const run = (): CelValue => environment.compile(original.expr).program.evaluate(bound).value;
  switch (resultMatcher.case) {
    case 'evalError':
    case 'anyEvalErrors':
      expect(run).toThrow(CelError);
      return;
    case 'typedResult': {
      const { type } = environment.compile(original.expr);
      const { deducedType, result } = resultMatcher.value;
      if (deducedType) expect(formatType(type)).toBe(formatType(typeOfProto(deducedType)));
      if (!original.checkOnly && result) expectSame(run(), valueOfProto(result));
      return;
    }
    case 'value':
      expectSame(run(), valueOfProto(resultMatcher.value));
      return;
    default:
      expectSame(run(), true);
  }
}

function expectSame(value: CelValue, expected: CelValue): void {
  const bothNaN = value instanceof CelDouble && Number.isNaN(value.value) && expected instanceof CelDouble;
  const same = (bothNaN && Number.isNaN(expected.value)) || celEquals(value, expected);
  expect({ value, same }).toEqual({ value, same: true });
  expect(sameType(typeOf(value), typeOf(expected))).toBe(true);
}

const primitives = ['dyn', 'bool', 'int', 'uint', 'double', 'string', 'bytes'] as const;
const typesByName: Readonly<Record<string, CelType>> = {
  ...celTypes,
  list: listType(celTypes.dyn),
  map: mapType(celTypes.dyn, celTypes.dyn),
  type: typeType(),
  null_type: celTypes.null,
  'google.protobuf.Timestamp': celTypes.timestamp,
  'google.protobuf.Duration': celTypes.duration,
  optional_type: opaqueType('optional_type', [celTypes.dyn]),
};

function typeOfProto(type: Type | undefined): CelType {
  const kind = type?.typeKind;
  switch (kind?.case) {
    case 'primitive':
      return celTypes[primitives[kind.value] ?? 'dyn'];
    case 'wellKnown':
      return ([celTypes.any, celTypes.any, celTypes.timestamp, celTypes.duration] as const)[kind.value] ?? celTypes.any;
    case 'null':
      return celTypes.null;
    case 'listType':
      return listType(typeOfProto(kind.value.elemType));
    case 'mapType':
      return mapType(typeOfProto(kind.value.keyType), typeOfProto(kind.value.valueType));
    case 'type':
      return typeType(kind.value.typeKind.case ? typeOfProto(kind.value) : undefined);
    case 'typeParam':
      return typeParam(kind.value);
    case 'abstractType':
      return opaqueType(kind.value.name, kind.value.parameterTypes.map(typeOfProto));
    case 'messageType':
      return objectType(kind.value);
    default:
      return celTypes.dyn;
  }
}

function valueOfProto({ kind }: Value): CelValue {
  switch (kind.case) {
    case 'nullValue':
      return null;
    case 'int64Value':
      return canonicalInt(kind.value);
    case 'uint64Value':
      return new CelUint(kind.value);
    case 'doubleValue':
      return new CelDouble(kind.value);
    case 'boolValue':
    case 'stringValue':
      return kind.value;
    case 'bytesValue':
      return kind.value;
    case 'listValue':
      return new CelList(kind.value.values.map(valueOfProto));
    case 'mapValue':
      return new EntryMap(
        kind.value.entries.map(({ key, value }) => {
          if (!key || !value) throw new Error('entry without key or value');
          return [valueOfProto(key), valueOfProto(value)] as const;
        }),
      );
    case 'typeValue':
      return new CelTypeValue(typesByName[kind.value] ?? objectType(kind.value));
    default:
      throw new Error(`value of kind ${kind.case}`);
  }
}
