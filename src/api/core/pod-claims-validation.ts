/** Validation of the devices that pods claim. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, invalid, notFound, required } from '../../machinery/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../machinery/formats.ts';
import type { ResourceRequirements } from './container.ts';
import type { PodResourceClaim } from './pod-spec.ts';
import { each, formatted, requiredFormat } from './value-checks.ts';

/** What is wrong with the claims of a pod. */
export function podClaimsErrors(claims: readonly PodResourceClaim[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(claims, path, (claim, own) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    const isDuplicate = seen.has(name);
    seen.add(name);
    const choices = '`resourceClaimName`, `resourceClaimTemplateName`';
    const isBoth = resourceClaimName !== undefined && resourceClaimTemplateName !== undefined;
    const isNeither = resourceClaimName === undefined && resourceClaimTemplateName === undefined;
    return [
      ...(isDuplicate ? [duplicate(`${own}.name`, name)] : requiredFormat(name, `${own}.name`, dns1123LabelErrors)),
      ...(isBoth ? [invalid(own, claim, `at most one of ${choices} may be specified`)] : []),
      ...(isNeither ? [invalid(own, claim, `must specify one of: ${choices}`)] : []),
      ...formatted(resourceClaimName, `${own}.resourceClaimName`, dns1123SubdomainErrors),
      ...formatted(resourceClaimTemplateName, `${own}.resourceClaimTemplateName`, dns1123SubdomainErrors),
    ];
  });
}

/** What is wrong with what a container uses of the claims of its pod. */
export function usedClaimsErrors(
  { claims }: ResourceRequirements,
  known: readonly string[],
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  const among = known.length === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
  return each(claims, `${path}.claims`, ({ name, request = '' }, own) => {
    if (!name) return [required(own)];
    const key = request === '' ? name : `${name}/${request}`;
    const overlaps =
      seen.has(name) || seen.has(key) || (request === '' && [...seen].some((k) => k.startsWith(`${name}/`)));
    seen.add(key);
    return [
      ...(overlaps
        ? [duplicate(own, seen.has(name) ? name : key)]
        : formatted(request, `${own}.request`, dns1123LabelErrors)),
      ...(known.includes(name)
        ? []
        : [{ ...notFound(own, name), detail: `must be one of the names in pod.spec.resourceClaims${among}` }]),
    ];
  });
}
