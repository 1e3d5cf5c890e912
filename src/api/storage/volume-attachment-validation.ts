/** Validation of VolumeAttachments. Source: kubernetes' storage validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required, tooLong } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors, rangeError } from '../../machinery/formats.ts';
import type { ValidationContext } from '../../machinery/resource.ts';
import { csiDriverNameErrors } from '../core/volume-source-validation.ts';
import { bytesOf, maxParameterBytes } from './parameter-validation.ts';
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttachmentStatus,
  VolumeError,
} from './volume-attachment.ts';

/** The longest message of an error, in bytes. */
const maxMessage = 1024;

/** What is wrong with a VolumeAttachment; what it attaches never changes. */
export function volumeAttachmentErrors(
  { spec, status }: VolumeAttachment,
  { old }: ValidationContext<VolumeAttachment>,
): FieldError[] {
  if (old) return statusErrors(status);
  return [
    ...csiDriverNameErrors(spec.attacher, 'spec.attacher'),
    ...sourceErrors(spec.source, 'spec.source'),
    ...dns1123SubdomainErrors(spec.nodeName).map((detail) => invalid('spec.nodeName', spec.nodeName, detail)),
    ...statusErrors(status),
  ];
}

function sourceErrors(
  { persistentVolumeName: name, inlineVolumeSpec }: VolumeAttachmentSource,
  path: string,
): FieldError[] {
  const detail = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (name === undefined) return inlineVolumeSpec ? [] : [required(path, detail)];
  if (inlineVolumeSpec) return [forbidden(path, detail)];
  const own = `${path}.persistentVolumeName`;
  if (name === '') return [required(own, 'must specify non empty persistentVolumeName')];
  return dns1123SubdomainErrors(name).map((fault) => invalid(own, name, fault));
}

function statusErrors({ attachmentMetadata = {}, attachError, detachError }: VolumeAttachmentStatus): FieldError[] {
  return [
    ...(bytesOf(attachmentMetadata) > maxParameterBytes
      ? [tooLong('status.attachmentMetadata', '', maxParameterBytes)]
      : []),
    ...failureErrors(attachError, 'status.attachError'),
    ...failureErrors(detachError, 'status.detachError'),
  ];
}

function failureErrors(failure: VolumeError | undefined, path: string): FieldError[] {
  if (!failure) return [];
  const { message = '', errorCode = 0 } = failure;
  return [
    ...(message.length > maxMessage ? [tooLong(`${path}.message`, '', maxParameterBytes)] : []),
    ...(errorCode < 0 ? [invalid(`${path}.errorCode`, errorCode, rangeError(0, 2_147_483_647))] : []),
  ];
}
