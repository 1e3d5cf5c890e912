/** `int()`, `string()` and the other conversions. Source: cel-go's common/stdlib/standard.go and common/types. */
import type { CallCost } from '../call-cost.ts';
import { scaleRange, sizeAt, traversalCost, traversalFactor } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import type { CelType } from '../cel-type.ts';
import { celTypes } from '../cel-type.ts';
import { formatDouble, parseDouble } from '../double-text.ts';
import type { CelLibrary, Implementation, Overload } from '../library.ts';
import { globalOverload as overload } from '../library.ts';
import { canonicalInt, checkedUint, doubleToInt, doubleToUint, toInt, toUint } from '../numbers.ts';
import type { CelInt } from '../numbers.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, timestampOf } from '../timestamps.ts';
import type { CelDuration, CelTimestamp, CelUint, CelValue } from '../values.ts';
import { CelDouble } from '../values.ts';
import { stringToBytesCost } from './core.ts';

const { bool, int, uint, double, string, bytes, timestamp, duration } = celTypes;

const failConversion = (to: string): never => fail(`type conversion error from 'string' to '${to}'`);

function parseInteger(text: string): CelInt {
  const value = /^[+-]?\d+$/.test(text) ? toInt(BigInt(text.replace(/^\+/, ''))) : undefined;
  return value ?? failConversion('int');
}

function parseUnsigned(text: string): CelUint {
  const value = /^\d+$/.test(text) ? toUint(BigInt(text)) : undefined;
  return value ?? failConversion('uint');
}

/** What Go's strconv.ParseBool takes. */
const booleans = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false] as const),
]);

function bytesToString(value: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return fail('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const bytesToStringCost: CallCost = {
  ...traversalCost(0),
  estimate: (call) => {
    const { min, max } = sizeAt(call, 0);
    return { cost: scaleRange({ min, max }, traversalFactor), size: { min: Math.floor(min / 4), max } };
  },
};

interface Conversion {
  readonly id: string;
  readonly from: CelType;
  readonly call: Implementation;
  readonly cost?: CallCost;
}

const same = (value: CelValue): CelValue => value;

function conversion(to: CelType, conversions: readonly Conversion[]): readonly Overload[] {
  return conversions.map(({ id, from, call, cost }) => overload(id, [from], to, call, cost));
}

/** The conversions between types. */
export const conversions: CelLibrary = {
  name: 'conversions',
  functions: [
    {
      name: 'bool',
      overloads: conversion(bool, [
        { id: 'bool_to_bool', from: bool, call: same },
        { id: 'string_to_bool', from: string, call: (text: string) => booleans.get(text) ?? failConversion('bool') },
      ]),
    },
    {
      name: 'bytes',
      overloads: conversion(bytes, [
        { id: 'bytes_to_bytes', from: bytes, call: same },
        {
          id: 'string_to_bytes',
          from: string,
          call: (text: string) => new TextEncoder().encode(text),
          cost: stringToBytesCost,
        },
      ]),
    },
    {
      name: 'double',
      overloads: conversion(double, [
        { id: 'double_to_double', from: double, call: same },
        { id: 'int64_to_double', from: int, call: (value: CelInt) => new CelDouble(Number(value)) },
        {
          id: 'string_to_double',
          from: string,
          call: (text: string) => new CelDouble(parseDouble(text) ?? failConversion('double')),
        },
        { id: 'uint64_to_double', from: uint, call: (value: CelUint) => new CelDouble(Number(value.value)) },
      ]),
    },
    {
      name: 'duration',
      overloads: conversion(duration, [
        { id: 'duration_to_duration', from: duration, call: same },
        {
          id: 'string_to_duration',
          from: string,
          call: (text: string) => parseDuration(text) ?? failConversion('google.protobuf.Duration'),
        },
      ]),
    },
    {
      name: 'int',
      overloads: conversion(int, [
        { id: 'int64_to_int64', from: int, call: same },
        { id: 'double_to_int64', from: double, call: (value: CelDouble) => doubleToInt(value.value) },
        { id: 'duration_to_int64', from: duration, call: (value: CelDuration) => canonicalInt(value.nanos) },
        { id: 'string_to_int64', from: string, call: parseInteger },
        { id: 'timestamp_to_int64', from: timestamp, call: (value: CelTimestamp) => value.seconds },
        { id: 'uint64_to_int64', from: uint, call: (value: CelUint) => toInt(value.value) ?? fail('integer overflow') },
      ]),
    },
    {
      name: 'string',
      overloads: conversion(string, [
        { id: 'string_to_string', from: string, call: same },
        { id: 'bool_to_string', from: bool, call: (value: boolean) => String(value) },
        { id: 'bytes_to_string', from: bytes, call: bytesToString, cost: bytesToStringCost },
        { id: 'double_to_string', from: double, call: (value: CelDouble) => formatDouble(value.value) },
        { id: 'duration_to_string', from: duration, call: formatDuration },
        { id: 'int64_to_string', from: int, call: (value: CelInt) => String(value) },
        { id: 'timestamp_to_string', from: timestamp, call: formatTimestamp },
        { id: 'uint64_to_string', from: uint, call: (value: CelUint) => String(value.value) },
      ]),
    },
    {
      name: 'timestamp',
      overloads: conversion(timestamp, [
        { id: 'timestamp_to_timestamp', from: timestamp, call: same },
        { id: 'int64_to_timestamp', from: int, call: (value: CelInt) => timestampOf(Number(value), 0) },
        {
          id: 'string_to_timestamp',
          from: string,
          call: (text: string) => parseTimestamp(text) ?? failConversion('google.protobuf.Timestamp'),
        },
      ]),
    },
    {
      name: 'uint',
      overloads: conversion(uint, [
        { id: 'uint64_to_uint64', from: uint, call: same },
        { id: 'double_to_uint64', from: double, call: (value: CelDouble) => doubleToUint(value.value) },
        { id: 'int64_to_uint64', from: int, call: (value: CelInt) => checkedUint(BigInt(value)) },
        { id: 'string_to_uint64', from: string, call: parseUnsigned },
      ]),
    },
  ],
};
