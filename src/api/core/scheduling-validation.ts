/** Validation of what steers scheduling: affinity, tolerations, spreading. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, labelValueErrors, qualifiedNameErrors } from '../../machinery/formats.ts';
import { labelSelectorErrors, labelsErrors } from '../../machinery/label-validation.ts';
import type {
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from './pod-spec.ts';
import { each, formatted, requiredFormat } from './value-checks.ts';

type Scheduling = Pick<
  PodSpec,
  'nodeSelector' | 'affinity' | 'tolerations' | 'topologySpreadConstraints' | 'schedulingGates' | 'nodeName'
>;

/** What is wrong with how a pod is to be scheduled. */
export function schedulingErrors(spec: Scheduling, path: string): FieldError[] {
  const { affinity } = spec;
  const own = `${path}.affinity`;
  return [
    ...labelsErrors(spec.nodeSelector, `${path}.nodeSelector`),
    ...(affinity?.nodeAffinity ? nodeAffinityErrors(affinity.nodeAffinity, `${own}.nodeAffinity`) : []),
    ...(affinity?.podAffinity ? podAffinityErrors(affinity.podAffinity, `${own}.podAffinity`) : []),
    ...(affinity?.podAntiAffinity ? podAffinityErrors(affinity.podAntiAffinity, `${own}.podAntiAffinity`) : []),
    ...each(spec.tolerations, `${path}.tolerations`, tolerationErrors),
    ...spreadErrors(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...gatesErrors(spec, `${path}.schedulingGates`),
  ];
}

/** What is wrong with a selection of nodes. */
export function nodeSelectorErrors({ nodeSelectorTerms: terms }: NodeSelector, path: string): FieldError[] {
  const own = `${path}.nodeSelectorTerms`;
  return [
    ...(terms.length === 0 ? [required(own, 'must have at least one node selector term')] : []),
    ...each(terms, own, (term, at) => termErrors(term, at, true)),
  ];
}

function nodeAffinityErrors(affinity: NodeAffinity, path: string): FieldError[] {
  const needed = affinity.requiredDuringSchedulingIgnoredDuringExecution;
  return [
    ...(needed ? nodeSelectorErrors(needed, `${path}.requiredDuringSchedulingIgnoredDuringExecution`) : []),
    ...each(
      affinity.preferredDuringSchedulingIgnoredDuringExecution,
      `${path}.preferredDuringSchedulingIgnoredDuringExecution`,
      ({ weight, preference }, own) => [
        ...(weight < 1 || weight > 100 ? [invalid(`${own}.weight`, weight, 'must be in the range 1-100')] : []),
        // What is only preferred may be impossible.
        ...termErrors(preference, `${own}.preference`, false),
      ],
    ),
  ];
}

function termErrors(
  { matchExpressions, matchFields }: NodeSelectorTerm,
  path: string,
  isNeeded: boolean,
): FieldError[] {
  return [
    ...each(matchExpressions, `${path}.matchExpressions`, (requirement, own) => [
      ...requirementErrors(requirement, own),
      ...qualifiedNameErrors(requirement.key).map((detail) => invalid(`${own}.key`, requirement.key, detail)),
      ...(isNeeded
        ? each(requirement.values, `${own}.values`, (value, at) =>
            labelValueErrors(value).map((detail) => invalid(at, value, detail)),
          )
        : []),
    ]),
    ...each(matchFields, `${path}.matchFields`, ({ key, operator, values = [] }, own) => [
      ...(operator === 'In' || operator === 'NotIn'
        ? values.length === 1
          ? []
          : [
              required(
                `${own}.values`,
                "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
              ),
            ]
        : [invalid(`${own}.operator`, operator, 'not a valid selector operator')]),
      ...(key === 'metadata.name' ? [] : [invalid(`${own}.key`, key, 'not a valid field selector key')]),
    ]),
  ];
}

function requirementErrors({ operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const own = `${path}.values`;
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(own, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? []
        : [forbidden(own, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      return values.length === 1
        ? []
        : [required(own, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}

function podAffinityErrors(affinity: PodAffinity, path: string): FieldError[] {
  return [
    ...each(
      affinity.requiredDuringSchedulingIgnoredDuringExecution,
      `${path}.requiredDuringSchedulingIgnoredDuringExecution`,
      affinityTermErrors,
    ),
    ...each(
      affinity.preferredDuringSchedulingIgnoredDuringExecution,
      `${path}.preferredDuringSchedulingIgnoredDuringExecution`,
      ({ weight, podAffinityTerm }, own) => [
        ...(weight < 1 || weight > 100 ? [invalid(`${own}.weight`, weight, 'must be in the range 1-100')] : []),
        ...affinityTermErrors(podAffinityTerm, `${own}.podAffinityTerm`),
      ],
    ),
  ];
}

function affinityTermErrors(term: PodAffinityTerm, path: string): FieldError[] {
  return [
    ...labelSelectorErrors(term.labelSelector, `${path}.labelSelector`),
    ...labelSelectorErrors(term.namespaceSelector, `${path}.namespaceSelector`),
    ...each(term.namespaces, `${path}.namespaces`, (name) =>
      dns1123LabelErrors(name).map((detail) => invalid(`${path}.namespace`, name, detail)),
    ),
    ...affinityKeysErrors(term, path),
    ...(term.topologyKey
      ? formatted(term.topologyKey, `${path}.topologyKey`, qualifiedNameErrors)
      : [required(`${path}.topologyKey`, 'can not be empty')]),
  ];
}

/** What is wrong with a toleration. */
export function tolerationErrors(toleration: Toleration, path: string): FieldError[] {
  const { key = '', operator = '', value = '', effect = '', tolerationSeconds } = toleration;
  const errors = formatted(key, `${path}.key`, qualifiedNameErrors);
  const wrong = operator === 'Exists' ? [] : labelValueErrors(value);
  if (key === '' && operator !== 'Exists') {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(`${path}.operator`, operator, detail));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalid(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === 'Exists' && value !== '') {
    errors.push(invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  }
  if (wrong.length > 0) errors.push(invalid(`${path}.operator`, value, wrong.join(';')));
  return errors;
}

function spreadErrors(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  const pairOf = ({ topologyKey, whenUnsatisfiable }: TopologySpreadConstraint): string =>
    `{${topologyKey}, ${whenUnsatisfiable}}`;
  const pairs = (constraints ?? []).map(pairOf);
  return each(constraints, path, (constraint, own, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    const pair = pairOf(constraint);
    const isDuplicate = pairs.includes(pair, index + 1);
    return [
      ...(maxSkew <= 0 ? [invalid(`${own}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
      ...(topologyKey ? [] : [required(`${own}.topologyKey`, 'can not be empty')]),
      ...(whenUnsatisfiable ? [] : [required(`${own}.whenUnsatisfiable`)]),
      ...(isDuplicate ? [duplicate(`${own}.{topologyKey, whenUnsatisfiable}`, pair)] : []),
      ...(minDomains !== undefined && minDomains <= 0
        ? [invalid(`${own}.minDomains`, minDomains, 'must be greater than zero')]
        : []),
      ...(minDomains !== undefined && whenUnsatisfiable !== 'DoNotSchedule'
        ? [
            invalid(
              `${own}.minDomains`,
              minDomains,
              `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
            ),
          ]
        : []),
      ...spreadKeysErrors(constraint, `${own}.matchLabelKeys`),
      ...labelSelectorErrors(labelSelector, `${own}.labelSelector`),
    ];
  });
}

/** Labels of the pod itself that a constraint's selector is completed with. */
function spreadKeysErrors({ matchLabelKeys, labelSelector }: TopologySpreadConstraint, path: string): FieldError[] {
  const { matchLabels = {}, matchExpressions = [] } = labelSelector ?? {};
  const selected = new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]);
  const isAlone = !labelSelector && (matchLabelKeys ?? []).length > 0;
  return [
    ...(isAlone ? [forbidden(path, 'must not be specified when labelSelector is not set')] : []),
    ...each(matchLabelKeys, path, (key, own) => [
      ...qualifiedNameErrors(key).map((detail) => invalid(own, key, detail)),
      ...(selected.has(key) ? [invalid(own, key, 'exists in both matchLabelKeys and labelSelector')] : []),
    ]),
  ];
}

function affinityKeysErrors(term: PodAffinityTerm, path: string): FieldError[] {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  const keyErrors = (keys: readonly string[], own: string): FieldError[] => {
    if (keys.length > 0 && !labelSelector) {
      return [forbidden(own, 'must not be specified when labelSelector is not set')];
    }
    return each(keys, own, (key, at) => qualifiedNameErrors(key).map((detail) => invalid(at, key, detail)));
  };
  const both = 'exists in both matchLabelKeys and mismatchLabelKeys';
  return [
    ...keyErrors(matchLabelKeys, `${path}.matchLabelKeys`),
    ...keyErrors(mismatchLabelKeys, `${path}.mismatchLabelKeys`),
    ...each(matchLabelKeys, `${path}.matchLabelKeys`, (key, own) =>
      mismatchLabelKeys.includes(key) ? [invalid(own, key, both)] : [],
    ),
  ];
}

function gatesErrors({ schedulingGates, nodeName }: Scheduling, path: string): FieldError[] {
  const seen = new Set<string>();
  const gated = (schedulingGates ?? []).length > 0;
  return [
    ...(gated && nodeName
      ? [
          forbidden(
            path.replace(/schedulingGates$/, 'nodeName'),
            'cannot be set until all schedulingGates have been cleared',
          ),
        ]
      : []),
    ...each(schedulingGates, path, ({ name }, own) => {
      const isDuplicate = seen.has(name);
      seen.add(name);
      return [...requiredFormat(name, own, qualifiedNameErrors), ...(isDuplicate ? [duplicate(own, name)] : [])];
    }),
  ];
}
