import { readAdmissionConfiguration } from '../components/admission-configuration.ts';
import { loadEncryptionConfiguration } from '../components/encryption-file.ts';
import type { Facts } from './facts.ts';

/** What the files say that flags name; undefined: it can't be known. */
export function configurationFacts(
  flags: Readonly<Record<string, string>> | undefined,
): Pick<Facts, 'secretsProvider' | 'usualPodLevel'> {
  return {
    secretsProvider: readable(() => secretsProvider(flags?.['encryption-provider-config'])),
    usualPodLevel: readable(() => usualPodLevel(flags?.['admission-control-config-file'])),
  };
}

function secretsProvider(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const { resources } = loadEncryptionConfiguration(path).configuration;
  // The most specific rule counts; in it the first provider writes.
  const [rule] = ['secrets', '*.', '*.*'].flatMap((name) => resources.filter((one) => one.resources.includes(name)));
  return rule ? Object.keys(rule.providers[0] ?? {})[0] : 'identity';
}

function usualPodLevel(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  return readAdmissionConfiguration(path, { enabled: [], disabled: [] }).PodSecurity?.defaults.enforce;
}

/** A server runs by files that this process may not be able to read. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
