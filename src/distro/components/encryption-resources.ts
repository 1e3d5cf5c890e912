import { builtinResources } from '../../api/registry.ts';
import { kindPrefix, prefixOfKey, registryPrefix } from '../../apiserver/cache/storage-key.ts';

/** What upstream calls values that are no objects, which only wildcards can name: addresses and ports given out, servers that live. */
const others = [
  ['ranges', 'servicenodeportallocations'],
  ['masterleases', 'apiserveripinfo'],
] as const;

const resources = new Map<string, string>([
  ...others.map(([folder, resource]) => [`${registryPrefix}${folder}/`, resource] as const),
  ...builtinResources
    .filter(({ storedAs }) => !storedAs)
    .map((resource) => [kindPrefix(resource), resource.qualified] as const),
]);

/** What kubets keeps in the store for itself. */
const ownGroup = 'kubets.io';

/** The resource, as `secrets` or `deployments.apps`, whose value is under a key; undefined: it is nothing that is ever encrypted. */
export function resourceOfKey(key: string): string | undefined {
  if (!key.startsWith(registryPrefix)) return undefined;
  const prefix = prefixOfKey(key);
  return resources.get(prefix) ?? customResource(prefix);
}

/** Custom resources are under their group and plural. */
function customResource(prefix: string): string | undefined {
  const [group = '', plural = '', ...rest] = prefix.slice(registryPrefix.length).split('/');
  return plural !== '' && rest.length === 1 && group.includes('.') && group !== ownGroup
    ? `${plural}.${group}`
    : undefined;
}
