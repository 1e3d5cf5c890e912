/** Named formats. Source: apiserver's pkg/cel/library/format.go, kube-openapi's strfmt. */
import type { FormatCheck } from '../../formats.ts';
import { labelValueErrors, nameErrors, qualifiedNameErrors } from '../../formats.ts';
import type { CallCost } from '../call-cost.ts';
import { actualSizeAt, fixedCost, patternFactor, scaleRange, sizeAt, traversalFactor } from '../call-cost.ts';
import { CelFailure } from '../cel-error.ts';
import { celTypes, listType, objectType, optionalType } from '../cel-type.ts';
import type { CelLibrary } from '../library.ts';
import { globalOverload, memberOverload } from '../library.ts';
import { parseDate, parseTimestamp } from '../timestamps.ts';
import { CelList, CelOpaque, CelOptional } from '../values.ts';
import { uriProblem } from './urls.ts';

const formatType = objectType('kubernetes.NamedFormat');

class CelFormat extends CelOpaque {
  readonly type = formatType;
  readonly name: string;
  readonly check: FormatCheck;
  /** Characters of the pattern that upstream uses, or about as many: they decide the cost. */
  readonly patternSize: number;

  constructor(name: string, patternSize: number, check: FormatCheck) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.check = check;
  }

  equals({ name }: CelFormat): boolean {
    return this.name === name;
  }
}

const matching =
  (problem: string, matches: (text: string) => boolean): FormatCheck =>
  (text) =>
    matches(text) ? [] : [problem];

const named =
  (format: 'label' | 'subdomain' | 'service', prefix = false): FormatCheck =>
  (text) =>
    nameErrors(format, text, { prefix });

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
/** Sizes of upstream's patterns of UUIDs and times. */
const [uuidPattern, timePattern] = [70, 71];

function isMoment(text: string): boolean {
  try {
    return parseTimestamp(text.toUpperCase()) !== undefined;
  } catch (error) {
    if (error instanceof CelFailure) return false;
    throw error;
  }
}

const formats: Readonly<Record<string, CelFormat>> = {
  dns1123Label: new CelFormat('DNS1123Label', 30, named('label')),
  dns1123Subdomain: new CelFormat('DNS1123Subdomain', 60, named('subdomain')),
  dns1035Label: new CelFormat('DNS1035Label', 30, named('service')),
  qualifiedName: new CelFormat('QualifiedName', 60, qualifiedNameErrors),
  dns1123LabelPrefix: new CelFormat('DNS1123LabelPrefix', 30, named('label', true)),
  dns1123SubdomainPrefix: new CelFormat('DNS1123SubdomainPrefix', 60, named('subdomain', true)),
  dns1035LabelPrefix: new CelFormat('DNS1035LabelPrefix', 30, named('service', true)),
  labelValue: new CelFormat('LabelValue', 40, labelValueErrors),
  uri: new CelFormat('URI', 1103, (text) => [uriProblem(text)].filter((problem) => problem !== undefined)),
  uuid: new CelFormat(
    'uuid',
    uuidPattern,
    matching('does not match the UUID format', (text) => uuid.test(text)),
  ),
  byte: new CelFormat(
    'byte',
    84,
    matching('invalid base64', (text) => base64.test(text)),
  ),
  date: new CelFormat(
    'date',
    timePattern,
    matching('invalid date', (text) => parseDate(text) !== undefined),
  ),
  datetime: new CelFormat('datetime', timePattern, matching('invalid datetime', isMoment)),
};

const { string } = celTypes;
const strings = listType(string);
/** The longest pattern that estimates reckon with. */
const maxPattern = 128;

const validateCost: CallCost = {
  estimate: (call) => ({
    cost: scaleRange(scaleRange(sizeAt(call, 1), traversalFactor), maxPattern * patternFactor),
  }),
  actual: (args) => {
    const [format] = args;
    if (!(format instanceof CelFormat)) return undefined;
    return Math.ceil((1 + actualSizeAt(args, 1)) * traversalFactor) * Math.ceil(format.patternSize * patternFactor);
  },
};

function validate(format: CelFormat, text: string): CelOptional {
  const problems = format.check(text);
  return problems.length === 0 ? CelOptional.none : new CelOptional(new CelList(problems));
}

/** `format.dns1123Label()` and its like, `format.named()`, `validate()`. */
export const namedFormats: CelLibrary = {
  name: 'formats',
  functions: [
    ...Object.entries(formats).map(([name, format]) => ({
      name: `format.${name}`,
      overloads: [globalOverload(`format.${name}`, [], formatType, () => format)],
    })),
    {
      name: 'format.named',
      cost: fixedCost(1),
      overloads: [
        globalOverload('format-named', [string], optionalType(formatType), (name: string) =>
          Object.hasOwn(formats, name) ? new CelOptional(formats[name]) : CelOptional.none,
        ),
      ],
    },
    {
      name: 'validate',
      cost: validateCost,
      overloads: [memberOverload('format-validate', [formatType, string], optionalType(strings), validate)],
    },
  ],
};
