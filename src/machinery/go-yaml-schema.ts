import { CORE_SCHEMA, NOT_RESOLVED, boolYaml11Tag, defineScalarTag, intCoreTag, intYaml11Tag } from 'js-yaml';

/** Integers of YAML 1.1 and 1.2 (`0777`, `0o777`, `0b11`, `1_000`), but for the sexagesimal ones: 12:30:45 is a text. */
const integers = defineScalarTag<number>(intCoreTag.tagName, {
  implicit: true,
  implicitFirstChars: intYaml11Tag.implicitFirstChars,
  resolve(source, ...how) {
    if (source.includes(':')) return NOT_RESOLVED;
    const old = intYaml11Tag.resolve(source, ...how);
    return old === NOT_RESOLVED ? intCoreTag.resolve(source, ...how) : old;
  },
  identify: intCoreTag.identify,
});

/**
 * What unquoted scalars mean to Kubernetes: as go-yaml 2 reads them, `yes` and `on` are booleans, dates are texts. Source:
 * sigs.k8s.io/yaml.
 */
export const goYamlSchema = CORE_SCHEMA.withTags([boolYaml11Tag, integers]);
