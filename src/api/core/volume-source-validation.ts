/** Validation of where volumes come from, in pods and in PersistentVolumes. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { invalid, required, tooLong } from '../../machinery/field-error.ts';
import { dns1123SubdomainErrors } from '../../machinery/formats.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import type { SecretReference } from './persistent-volume-source.ts';
import { noBacksteps } from './value-checks.ts';

type Source = Readonly<Record<string, unknown>>;

/** What sources can't do without, in the order in which it is missed. */
const needed: Readonly<Record<string, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  flexVolume: ['driver'],
  gcePersistentDisk: ['pdName'],
  gitRepo: ['repository'],
  glusterfs: ['endpoints', 'path'],
  hostPath: ['path'],
  iscsi: ['targetPortal', 'iqn'],
  local: ['path'],
  nfs: ['server', 'path'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName'],
  vsphereVolume: ['volumePath'],
};

/** What is wrong with a source of the kind `name` at `path`: what it lacks, and what leads astray. */
export function volumeSourceErrors(name: string, value: unknown, path: string): FieldError[] {
  const source: Source = isJsonObject(value) ? value : {};
  const missing = (needed[name] ?? []).filter((member) => isEmpty(source[member]));
  return [...missing.map((member) => required(`${path}.${member}`)), ...pathErrors(name, source, path)];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function pathErrors(name: string, source: Source, path: string): FieldError[] {
  const own = typeof source['path'] === 'string' ? source['path'] : '';
  switch (name) {
    case 'hostPath':
    case 'local':
      return noBacksteps(own, `${path}.path`);
    case 'nfs':
      return own === '' || own.startsWith('/') ? [] : [invalid(`${path}.path`, own, 'must be an absolute path')];
    case 'iscsi': {
      const { lun } = source;
      const isFine = typeof lun !== 'number' || (lun >= 0 && lun <= 255);
      return isFine ? [] : [invalid(`${path}.lun`, lun, 'must be between 0 and 255, inclusive')];
    }
    case 'awsElasticBlockStore':
    case 'gcePersistentDisk': {
      const { partition } = source;
      const isFine = typeof partition !== 'number' || (partition >= 0 && partition <= 255);
      return isFine ? [] : [invalid(`${path}.partition`, partition, 'must be between 1 and 255, inclusive')];
    }
    default:
      return [];
  }
}

/** What is wrong with the name of a CSI driver. */
export function csiDriverNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  return [
    ...(name.length > 63 ? [tooLong(path, name, 63)] : []),
    ...dns1123SubdomainErrors(name.toLowerCase()).map((detail) => invalid(path, name, detail)),
  ];
}

/** What is wrong with a reference to a Secret in some namespace. */
export function secretReferenceErrors(reference: SecretReference | undefined, path: string): FieldError[] {
  if (!reference) return [];
  const missing = (['name', 'namespace'] as const).filter((part) => !reference[part]);
  return missing.map((part) => required(`${path}.${part}`));
}
