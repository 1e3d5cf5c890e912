/** Validation of CSIDrivers. Source: kubernetes' storage validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { duplicate, forbidden, invalid, notSupported } from '../../machinery/field-error.ts';
import { equalJson } from '../../machinery/patch/equal-json.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { each } from '../core/value-checks.ts';
import type { CSIDriver, CSIDriverSpec, TokenRequest } from './csi-driver.ts';

const groupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const lifecycleModes = ['Persistent', 'Ephemeral'];
const immutable = 'field is immutable';

/** What is wrong with a CSIDriver. */
export function csiDriverErrors({ spec }: CSIDriver, { old }: ValidationContext<CSIDriver>): FieldError[] {
  return [...specErrors(spec), ...(old ? changeErrors(spec, old.spec) : [])];
}

function specErrors(spec: CSIDriverSpec): FieldError[] {
  const { fsGroupPolicy, tokenRequests = [], nodeAllocatableUpdatePeriodSeconds: period } = spec;
  const modes = (spec.volumeLifecycleModes ?? []).filter((mode) => !lifecycleModes.includes(mode));
  const inSecrets = 'spec.serviceAccountTokenInSecrets';
  return [
    ...(fsGroupPolicy === undefined || groupPolicies.includes(fsGroupPolicy)
      ? []
      : [notSupported('spec.fsGroupPolicy', fsGroupPolicy, groupPolicies)]),
    ...tokenErrors(tokenRequests, 'spec.tokenRequests'),
    ...modes.map((mode) => notSupported('spec.volumeLifecycleModes', mode, lifecycleModes)),
    ...(period !== undefined && period < 10
      ? [invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds')]
      : []),
    ...(spec.serviceAccountTokenInSecrets !== undefined && tokenRequests.length === 0
      ? [forbidden(inSecrets, 'may not be set without tokenRequests')]
      : []),
  ];
}

function tokenErrors(requests: readonly TokenRequest[], path: string): FieldError[] {
  const audiences = new Set<string>();
  return each(requests, path, ({ audience, expirationSeconds }, own) => {
    if (audiences.has(audience)) return [duplicate(`${own}.audience`, audience)];
    audiences.add(audience);
    const seconds = `${own}.expirationSeconds`;
    if (expirationSeconds === undefined) return [];
    if (expirationSeconds < 600) {
      return [invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes')];
    }
    return expirationSeconds > 2 ** 32
      ? [invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : [];
  });
}

function changeErrors(spec: CSIDriverSpec, old: CSIDriverSpec): FieldError[] {
  const { attachRequired, volumeLifecycleModes } = spec;
  return [
    // The path is misspelt so upstream.
    ...(attachRequired === old.attachRequired ? [] : [invalid('spec.attachedRequired', attachRequired, immutable)]),
    ...(equalJson(volumeLifecycleModes, old.volumeLifecycleModes)
      ? []
      : [invalid('spec.volumeLifecycleModes', volumeLifecycleModes, immutable)]),
  ];
}
