/** Which names a definition gets, and what its conditions then say. Pure. Source: apiextensions' controller/status. */
import type {
  CustomResourceDefinition,
  DefinitionCondition,
  DefinitionNames,
  DefinitionStatus,
} from '../../api/apiextensions/custom-resource-definition.ts';
import { approvalState } from '../../api/apiextensions/api-approval.ts';
import { isValidBundle } from '../../api/apiextensions/conversion-validation.ts';
import { conditionOf, setCondition } from '../../api/apiextensions/definition-conditions.ts';
import type { Writable } from '../../machinery/schema.ts';

/** The status of a definition after its names were judged. `others`: the other definitions of its group. */
export function statusWithNames(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): DefinitionStatus {
  const status: Writable<DefinitionStatus> = structuredClone(definition.status) as Writable<DefinitionStatus>;
  const set = (condition: Omit<DefinitionCondition, 'lastTransitionTime'>): void =>
    setCondition(status, { ...condition, lastTransitionTime: now });
  const { names, conflict } = acceptNames(definition, others);
  status.acceptedNames = names as Writable<DefinitionNames>;
  set({
    type: 'NamesAccepted',
    ...(conflict
      ? { status: 'False', ...conflict }
      : { status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }),
  });
  const established = establishedCondition(definition, conflict === undefined);
  if (established) set(established);
  const approval = approvalCondition(definition);
  if (approval) set(approval);
  return status;
}

/** The condition that changes when the names are judged; undefined when it stays: what is established stays so. */
function establishedCondition(
  definition: CustomResourceDefinition,
  accepted: boolean,
): Omit<DefinitionCondition, 'lastTransitionTime'> | undefined {
  const known = conditionOf(definition, 'Established');
  if (known?.status === 'True') return undefined;
  if (!accepted) {
    const refused = {
      type: 'Established',
      status: 'False',
      reason: 'NotAccepted',
      message: 'not all names are accepted',
    };
    return known ? undefined : refused;
  }
  const bundle = definition.spec.conversion?.webhook?.clientConfig?.caBundle ?? '';
  if (!isValidBundle(bundle)) {
    const message = 'The conversion webhook CABundle is invalid';
    return { type: 'Established', status: 'False', reason: 'InvalidCABundle', message };
  }
  const message = 'the initial names have been accepted';
  return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message };
}

function approvalCondition(
  definition: CustomResourceDefinition,
): Omit<DefinitionCondition, 'lastTransitionTime'> | undefined {
  const approval = approvalState(definition);
  if (!approval) return undefined;
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const message = approval.reason;
  switch (approval.state) {
    case 'approved':
      return { type, status: 'True', reason: 'ApprovedAnnotation', message };
    case 'bypassed':
      return { type, status: 'False', reason: 'UnapprovedAnnotation', message };
    case 'missing':
      return { type, status: 'False', reason: 'MissingAnnotation', message };
    default:
      return { type, status: 'False', reason: 'InvalidAnnotation', message };
  }
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

/** The names that a definition gets; what it has it keeps. */
function acceptNames(
  { spec, status }: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): { readonly names: DefinitionNames; readonly conflict: Conflict | undefined } {
  const taken = others.map((other) => other.status.acceptedNames);
  const resources = new Set(
    taken.flatMap(({ plural, singular, shortNames = [] }) => [plural, singular, ...shortNames]),
  );
  const kinds = new Set(taken.flatMap(({ kind, listKind }) => [kind, listKind]));
  const wanted = spec.names;
  const had = status.acceptedNames;
  const names: Writable<DefinitionNames> = { ...(had as Writable<DefinitionNames>) };
  let conflict: Conflict | undefined;
  const judge = (name: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string | undefined>): void => {
    const value = wanted[name] ?? '';
    if (value === (had[name] ?? '') || !used.has(value)) names[name] = value;
    else conflict = { reason: `${name[0]!.toUpperCase()}${name.slice(1)}Conflict`, message: inUse(value) };
  };
  judge('plural', resources);
  judge('singular', resources);
  const clashes = (wanted.shortNames ?? []).filter((name) => !had.shortNames?.includes(name) && resources.has(name));
  if (clashes.length > 0) {
    const texts = clashes.map(inUse);
    conflict = { reason: 'ShortNamesConflict', message: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
  } else if (wanted.shortNames) names.shortNames = [...wanted.shortNames];
  else delete names.shortNames;
  judge('kind', kinds);
  judge('listKind', kinds);
  if (wanted.categories) names.categories = [...wanted.categories];
  else delete names.categories;
  return { names, conflict };
}

function inUse(name: string): string {
  return `${JSON.stringify(name)} is already in use`;
}
