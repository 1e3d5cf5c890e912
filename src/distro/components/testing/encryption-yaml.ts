/** EncryptionConfigurations for tests. */

/** A secret of so many equal bytes, in base64. */
export const secret = (fill: number, length = 32): string => Buffer.alloc(length, fill).toString('base64');
/** A named key as it stands in YAML. */
export const key = (name: string, fill = 1): string => `{name: ${name}, secret: "${secret(fill)}"}`;

/** Resources, and the providers as they stand in YAML. */
export interface Rule {
  readonly resources: readonly string[];
  readonly providers: readonly string[];
}

/** The YAML of a configuration. */
export function yaml(...rules: readonly Rule[]): string {
  const items = rules.map(({ resources, providers }) =>
    [`  - resources: ${JSON.stringify(resources)}`, '    providers:', ...providers.map((p) => `      - ${p}`)].join(
      '\n',
    ),
  );
  return `apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n${items.join('\n')}\n`;
}

/** Providers that encrypt, and read what is plain. */
export const good = ['aescbc: {keys: [' + key('key1') + ']}', 'identity: {}'];
