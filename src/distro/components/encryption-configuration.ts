import { defineStruct, duration, int32, list, struct, text } from '../../machinery/schema.ts';
import type { TypeOf } from '../../machinery/schema.ts';

const Key = defineStruct('Key', { name: text(1), secret: text(2) });
const AESConfiguration = defineStruct('AESConfiguration', { keys: list(1, Key) });
const SecretboxConfiguration = defineStruct('SecretboxConfiguration', { keys: list(1, Key) });
const IdentityConfiguration = defineStruct('IdentityConfiguration', {});
const KMSConfiguration = defineStruct('KMSConfiguration', {
  apiVersion: text(1).default('v1').omitEmpty(),
  name: text(2),
  cachesize: int32(3).optional(),
  endpoint: text(4),
  timeout: duration(5).default('3s'),
});
const ProviderConfiguration = defineStruct('ProviderConfiguration', {
  aesgcm: struct(1, AESConfiguration).optional(),
  aescbc: struct(2, AESConfiguration).optional(),
  secretbox: struct(3, SecretboxConfiguration).optional(),
  identity: struct(4, IdentityConfiguration).optional(),
  kms: struct(5, KMSConfiguration).optional(),
});
const ResourceConfiguration = defineStruct('ResourceConfiguration', {
  resources: list(1, text),
  providers: list(2, ProviderConfiguration),
});
/** The schema of the file. */
export const EncryptionConfiguration = defineStruct('EncryptionConfiguration', {
  apiVersion: text(1),
  kind: text(2),
  resources: list(3, ResourceConfiguration),
});

/** A named key of a provider; the secret in base64. */
export type EncryptionKey = TypeOf<typeof Key>;
/** A KMS plug-in. */
export type KmsConfiguration = TypeOf<typeof KMSConfiguration>;
/** One way to store values; exactly one member is there. */
export type EncryptionProvider = TypeOf<typeof ProviderConfiguration>;
/** Which resources are encrypted by what. Source: apiserver.config.k8s.io/v1. */
export type EncryptionConfiguration = TypeOf<typeof EncryptionConfiguration>;
