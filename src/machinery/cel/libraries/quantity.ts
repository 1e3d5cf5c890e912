/** Quantities such as `1500m` and `2Gi`. Source: apiserver's pkg/cel/library/quantity.go. */
import { StatusError } from '../../../base/errors.ts';
import type { Quantity } from '../../quantity.ts';
import { parseQuantity, quantityText } from '../../quantity.ts';
import { traversalCost } from '../call-cost.ts';
import { fail } from '../cel-error.ts';
import { celTypes, objectType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload as member } from '../library.ts';
import { compareNumbers, toInt } from '../numbers.ts';
import type { CelInt } from '../numbers.ts';
import { CelDouble, CelOpaque } from '../values.ts';
import { nominalCost } from './kubernetes-costs.ts';

/** `kubernetes.Quantity`. */
export const quantityType = objectType('kubernetes.Quantity');

const unit = 1_000_000_000n;

/** A quantity. `integer`: whether upstream holds it as a whole number, which depends on how it was written. */
export class CelQuantity extends CelOpaque {
  readonly type = quantityType;
  readonly quantity: Quantity;
  readonly integer: boolean;

  constructor(quantity: Quantity, integer: boolean) {
    super();
    this.quantity = quantity;
    this.integer = integer;
  }

  equals(other: CelQuantity): boolean {
    return this.quantity.nano === other.quantity.nano;
  }

  override toJson(): string {
    return quantityText(this.quantity);
  }
}

const { string, bool, int, double } = celTypes;

function parse(text: string): CelQuantity {
  const found = tryParse(text);
  return typeof found === 'string' ? fail(found) : found;
}

/** The quantity, or what is wrong with the text. */
function tryParse(text: string): CelQuantity | string {
  try {
    return new CelQuantity(parseQuantity(text), isWholeAsWritten(text));
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}

/** Upstream does not reduce fractions: `1000m` and `1.0` are no integers, and neither is what has too many digits. */
function isWholeAsWritten(text: string): boolean {
  const [, digits = '', fraction = '', suffix = ''] = /^[+-]?(\d*)(?:\.(\d*))?(.*)$/.exec(text) ?? [];
  const binary = suffix.endsWith('i');
  if (binary) return fraction === '';
  const exponents: Readonly<Record<string, number>> = {
    n: -9,
    u: -6,
    m: -3,
    '': 0,
    k: 3,
    M: 6,
    G: 9,
    T: 12,
    P: 15,
    E: 18,
  };
  const exponent = exponents[suffix] ?? Number(suffix.slice(1));
  return exponent >= fraction.length && digits.length + fraction.length <= 18;
}

function asInteger({ quantity, integer }: CelQuantity): CelInt | undefined {
  return integer && quantity.nano % unit === 0n ? toInt(quantity.nano / unit) : undefined;
}

const compare = (a: CelQuantity, b: CelQuantity): number => compareNumbers(a.quantity.nano, b.quantity.nano);
const fromInt = (value: CelInt): CelQuantity =>
  new CelQuantity({ nano: BigInt(value) * unit, format: 'DecimalExponent' }, true);

/** The sum, or with a sign of -1 the difference, in the format of the first unless that is zero. */
function sum(a: CelQuantity, b: CelQuantity, sign: bigint): CelQuantity {
  const { nano, format } = a.quantity;
  const result = { nano: nano + sign * b.quantity.nano, format: nano === 0n ? b.quantity.format : format };
  return new CelQuantity(result, a.integer && b.integer);
}

const parseCost = traversalCost(0);
const plus = (a: CelQuantity, b: CelQuantity): CelQuantity => sum(a, b, 1n);
const minus = (a: CelQuantity, b: CelQuantity): CelQuantity => sum(a, b, -1n);
const two = [quantityType, quantityType];

/** `quantity()` and what can be done with it. */
export const quantities: CelLibrary = {
  name: 'quantity',
  functions: [
    {
      name: 'quantity',
      cost: parseCost,
      overloads: [globalOverload('string_to_quantity', [string], quantityType, parse)],
    },
    {
      name: 'isQuantity',
      cost: parseCost,
      overloads: [
        globalOverload('is_quantity_string', [string], bool, (text: string) => typeof tryParse(text) !== 'string'),
      ],
    },
    {
      name: 'sign',
      cost: nominalCost,
      overloads: [
        globalOverload('quantity_sign', [quantityType], int, ({ quantity }: CelQuantity) =>
          compareNumbers(quantity.nano, 0n),
        ),
      ],
    },
    {
      name: 'isGreaterThan',
      cost: nominalCost,
      overloads: [member('quantity_is_greater_than', two, bool, (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0)],
    },
    {
      name: 'isLessThan',
      cost: nominalCost,
      overloads: [member('quantity_is_less_than', two, bool, (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0)],
    },
    { name: 'compareTo', cost: nominalCost, overloads: [member('quantity_compare_to', two, int, compare)] },
    {
      name: 'asApproximateFloat',
      cost: nominalCost,
      overloads: [
        member(
          'quantity_get_float',
          [quantityType],
          double,
          ({ quantity }: CelQuantity) => new CelDouble(Number(quantity.nano) / 1e9),
        ),
      ],
    },
    {
      name: 'asInteger',
      cost: nominalCost,
      overloads: [
        member('quantity_get_int', [quantityType], int, (value: CelQuantity) => {
          return asInteger(value) ?? fail('cannot convert value to integer');
        }),
      ],
    },
    {
      name: 'isInteger',
      cost: nominalCost,
      overloads: [
        member('quantity_is_integer', [quantityType], bool, (value: CelQuantity) => asInteger(value) !== undefined),
      ],
    },
    {
      name: 'add',
      cost: nominalCost,
      overloads: [
        member('quantity_add', two, quantityType, plus),
        member('quantity_add_int', [quantityType, int], quantityType, (a: CelQuantity, b: CelInt) =>
          plus(a, fromInt(b)),
        ),
      ],
    },
    {
      name: 'sub',
      cost: nominalCost,
      overloads: [
        member('quantity_sub', two, quantityType, minus),
        member('quantity_sub_int', [quantityType, int], quantityType, (a: CelQuantity, b: CelInt) =>
          minus(a, fromInt(b)),
        ),
      ],
    },
  ],
};
