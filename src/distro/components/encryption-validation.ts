/** What an EncryptionConfiguration must be. Source: apiserver's apis/apiserver/validation, validation_encryption.go. */
import { parseDuration } from '../../machinery/duration.ts';
import { invalid, omittedValue, required } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { parseGroupResource } from '../../store/encryption/resource-transformers.ts';
import type {
  EncryptionConfiguration,
  EncryptionKey,
  EncryptionProvider,
  KmsConfiguration,
} from './encryption-configuration.ts';

/** All that is wrong with a configuration, in upstream's words; secrets are not shown. */
export function validateEncryptionConfiguration({ resources }: EncryptionConfiguration): readonly FieldError[] {
  if (resources.length === 0) return [required('resources', 'at least one resources is required')];
  const kmsNames = new Set<string>();
  return resources.flatMap((rule, index) => {
    const [r, p] = [`resources[${index}].resources`, `resources[${index}].providers`];
    return [
      ...(rule.resources.length === 0 ? [required(r, `at least one ${r} is required`)] : []),
      ...overlaps(rule.resources, r),
      ...rule.resources.flatMap((name, at) => nameFault(name, `${r}[${at}]`)),
      ...(rule.providers.length === 0 ? [required(p, `at least one ${p} is required`)] : []),
      ...rule.providers.flatMap((provider, at) => providerFaults(provider, `${p}[${at}]`, kmsNames)),
    ];
  });
}

function overlaps(names: readonly string[], field: string): readonly FieldError[] {
  const parsed = names.map(parseGroupResource);
  const pairs = parsed.flatMap((one, i) => parsed.filter((_, k) => k !== i).map((other) => [one, other] as const));
  const isSame = ([one, other]: (typeof pairs)[number]): boolean =>
    one.group === other.group && one.resource === other.resource;
  const hidesAnother = (pair: (typeof pairs)[number]): boolean => {
    const [one, other] = pair;
    if (isSame(pair)) return false;
    if (one.group === '*' && one.resource === '*') return true;
    return one.group === other.group && (one.resource === '*' || other.resource === '*');
  };
  return [
    ...(pairs.some(isSame) ? [invalid(field, names, 'the same resource cannot be specified multiple times')] : []),
    ...(pairs.some(hidesAnother)
      ? [
          invalid(
            field,
            names,
            "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
          ),
        ]
      : []),
  ];
}

const notInTheApi = new Set(['apiserveripinfo', 'serviceipallocations', 'servicenodeportallocations']);

function nameFault(name: string, field: string): readonly FieldError[] {
  const { resource, group } = parseGroupResource(name);
  const fault = (detail: string): readonly FieldError[] => [invalid(field, name, detail)];
  if (name.toLowerCase() !== name) return fault('resource name should not contain capital letters');
  if (name === '*')
    return fault("use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources");
  if (notInTheApi.has(name)) return fault('resources which do not have REST API/s cannot be encrypted');
  if (group === 'events.k8s.io')
    return fault(
      "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file",
    );
  if (group === 'extensions') return fault("'extensions' group has been removed and cannot be used for encryption");
  if (group === '*' && resource !== '*') return fault('encrypting the same resource across groups is not supported');
  return [];
}

const aesKeySizes = [16, 24, 32];
const secretboxKeySizes = [32];

function providerFaults(provider: EncryptionProvider, field: string, kmsNames: Set<string>): readonly FieldError[] {
  const { kms, aesgcm, aescbc, secretbox } = provider;
  const count = Object.values(provider).filter((member) => member !== undefined).length;
  const faults: FieldError[] = [];
  if (count === 0)
    faults.push(
      invalid(
        field,
        omittedValue,
        'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
      ),
    );
  if (count > 1)
    faults.push(
      invalid(
        field,
        omittedValue,
        'more than one provider specified in a single element, should split into different list elements',
      ),
    );
  if (kms) {
    faults.push(...kmsFaults(kms, `${field}.kms`, kmsNames));
    kmsNames.add(kms.name);
  } else if (aesgcm) faults.push(...keysFaults(aesgcm.keys, `${field}.aesgcm.keys`, aesKeySizes));
  else if (aescbc) faults.push(...keysFaults(aescbc.keys, `${field}.aescbc.keys`, aesKeySizes));
  else if (secretbox) faults.push(...keysFaults(secretbox.keys, `${field}.secretbox.keys`, secretboxKeySizes));
  return faults;
}

function keysFaults(keys: readonly EncryptionKey[], field: string, sizes: readonly number[]): readonly FieldError[] {
  if (keys.length === 0) return [required(field, 'at least one keys is required')];
  return keys.flatMap(({ name, secret }, index) => [
    ...(name === '' ? [required(`${field}[${index}].name`, 'name is a mandatory field for a key')] : []),
    ...secretFault(secret, `${field}[${index}].secret`, sizes),
  ]);
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function secretFault(secret: string, field: string, sizes: readonly number[]): readonly FieldError[] {
  if (secret === '') return [required(field, 'secret is a mandatory field for a key')];
  // As Go's decoder, which overlooks line breaks.
  const text = secret.replaceAll(/[\r\n]/g, '');
  if (!base64.test(text)) return [invalid(field, 'REDACTED', 'secrets must be base64 encoded')];
  const { length } = Buffer.from(text, 'base64');
  if (sizes.includes(length)) return [];
  const detail = `secret is not of the expected length, got ${length}, expected one of [${sizes.join(' ')}]`;
  return [invalid(field, 'REDACTED', detail)];
}

function kmsFaults(kms: KmsConfiguration, field: string, names: ReadonlySet<string>): readonly FieldError[] {
  const { apiVersion, name, timeout, cachesize } = kms;
  const faults: FieldError[] = [];
  if (name === '') faults.push(required(`${field}.name`, 'name is a mandatory field for a provider'));
  if (name.includes(':'))
    faults.push(invalid(`${field}.name`, name, `invalid KMS provider name ${name}, must not contain ':'`));
  if (names.has(name))
    faults.push(invalid(`${field}.name`, name, `duplicate KMS provider name ${name}, names must be unique`));
  if (parseDuration(timeout) <= 0)
    faults.push(invalid(`${field}.timeout`, timeout, 'timeout should be a positive value'));
  faults.push(...endpointFault(kms.endpoint, `${field}.endpoint`));
  if (cachesize !== undefined && apiVersion !== 'v1')
    faults.push(invalid(`${field}.cachesize`, cachesize, 'cachesize is not supported in v2'));
  if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    const detail = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported';
    faults.push(invalid(`${field}.apiVersion`, apiVersion, detail));
  }
  // Upstream has it switched off, too, and says this when it is used all the same.
  if (apiVersion === 'v1') {
    const detail = 'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead.';
    faults.push(invalid(`${field}.apiVersion`, apiVersion, `${detail} kubets has v2 only`));
  }
  return faults;
}

function endpointFault(endpoint: string, field: string): readonly FieldError[] {
  if (endpoint === '') return [invalid(field, '', 'endpoint is a mandatory field for a kms')];
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(endpoint)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'unix') {
    const detail = `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`;
    return [invalid(field, endpoint, detail)];
  }
  if (!/^unix:\/\/\/[^@]/.test(endpoint))
    return [invalid(field, endpoint, 'must be unix:// with the absolute path of a socket')];
  return [];
}
