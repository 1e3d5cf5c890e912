/** How admission plug-ins refuse a request. Source: apiserver's admission.NewForbidden. */
import { StatusError } from '../../base/errors.ts';
import type { StatusCause } from '../../base/errors.ts';
import type { AdmissionRequest } from '../ports.ts';

/** The Forbidden error that says why: `pods "web" is forbidden: …`. */
export function refusal(request: AdmissionRequest, reason: string, causes: readonly StatusCause[] = []): StatusError {
  const { resource } = request;
  const name = subjectName(request);
  return new StatusError('Forbidden', `${resource.qualified} ${JSON.stringify(name)} is forbidden: ${reason}`, {
    details: {
      name,
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.plural,
      ...(causes.length === 0 ? {} : { causes }),
    },
  });
}

function subjectName({ object, attributes }: AdmissionRequest): string {
  const metadata = object?.['metadata'] as { readonly name?: string; readonly generateName?: string } | undefined;
  return metadata?.name || attributes.name || metadata?.generateName || 'Unknown';
}
