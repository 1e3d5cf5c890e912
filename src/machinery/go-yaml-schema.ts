import { CORE_SCHEMA, NOT_RESOLVED, boolYaml11Tag, defineScalarTag, intCoreTag, intYaml11Tag } from 'js-yaml';
import { exactIntegerOf } from '../base/exact-json.ts';

/** Integers of YAML 1.1 and 1.2 (`0777`, `0o777`, `0b11`, `1_000`), but for the sexagesimal ones: 12:30:45 is a text. */
const integers = defineScalarTag<number | bigint>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intYaml11Tag.implicitFirstChars,
  resolve(source, ...how) {
    if (source.includes(':')) return NOT_RESOLVED;
    const old = intYaml11Tag.resolve(source, ...how);
    const value = old === NOT_RESOLVED ? intCoreTag.resolve(source, ...how) : old;
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
    // What counts is written in tens: other bases of such length are of no use to anybody.
    return /^[-+]?[1-9][\d_]*$/.test(source) ? exactIntegerOf(source.replaceAll(/[+_]/g, '')) : value;
  },
  identify: intCoreTag.identify,
});

/**
 * What unquoted scalars mean to Kubernetes: as go-yaml 2 reads them, `yes` and `on` are booleans, dates are texts. Source:
 * sigs.k8s.io/yaml.
 */
export const goYamlSchema = CORE_SCHEMA.withTags([boolYaml11Tag, integers]);

/** What is written as YAML: JSON, whose long integers are bigints. */
export const writtenYamlSchema = CORE_SCHEMA.withTags([
  defineScalarTag<number>(intCoreTag.tagName, {
    implicit: true,
    implicitFirstChars: intCoreTag.implicitFirstChars,
    resolve: intCoreTag.resolve,
    identify: (value) => typeof value === 'bigint' || intCoreTag.identify(value),
    represent: String,
  }),
]);
