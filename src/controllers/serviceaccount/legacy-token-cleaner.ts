import { ConfigMap } from '../../api/core/config-map.ts';
import { dayOf, invalidSinceLabel, isDay, trackingKey } from '../../api/core/legacy-token.ts';
import { Pod } from '../../api/core/pod.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import { Secret } from '../../api/core/secret.ts';
import { ServiceAccount } from '../../api/core/service-account.ts';
import { hasReason } from '../../base/errors.ts';
import { again, defineController, done, watched } from '../../client/controller.ts';
import type { Cache, Controller, ControllerContext } from '../../client/controller.ts';
import { keyOf } from '../../machinery/resource.ts';
import { nameAnnotation, tokenSecretType, uidAnnotation } from './token-secret.ts';
import { endOf, isTrackedLongEnough, isUnused } from './unused-tokens.ts';

const day = 24 * 3_600_000;

/** Options of `legacyTokenCleaner`. */
export interface LegacyTokenCleanerOptions {
  /** Milliseconds without a use. Default: a year. Source: --legacy-service-account-token-clean-up-period. */
  readonly period?: number | undefined;
  /** Milliseconds between looks at a token. Default: a day. */
  readonly interval?: number | undefined;
}

/**
 * Looks every day for tokens that were once made for service accounts by themselves and that nobody has used for a year:
 * they are marked as invalid, and deleted another year later.
 */
export function legacyTokenCleaner({ period = 365 * day, interval = day }: LegacyTokenCleanerOptions = {}): Controller {
  return defineController({
    name: 'legacy-service-account-token-cleaner',
    for: Secret,
    rbac: {
      secrets: ['delete', 'list', 'patch', 'watch'],
      [`configmaps ${trackingKey.name}`]: ['get'],
      serviceaccounts: ['list', 'watch'],
      pods: ['list', 'watch'],
    },
    watches: [watched(ServiceAccount, () => []), watched(Pod, () => [])],
    async reconcile(key, context) {
      const { cache, clock } = context;
      const secret = cache.get(Secret, key);
      if (secret?.type !== tokenSecretType || secret.metadata.deletionTimestamp !== undefined) return done;
      const rule = { now: clock.now(), period };
      if (isUnused(secret, rule) && isAutomatic(secret, cache) && !isMounted(secret, cache)) {
        const since = await trackedSince(context);
        if (since !== undefined && isTrackedLongEnough(since, rule)) await end(secret, endOf(secret, rule), context);
      }
      return again(interval);
    },
  });
}

/** Whether its service account lists it: what people made is theirs to delete. */
function isAutomatic({ metadata }: Secret, cache: Cache): boolean {
  const { namespace, annotations } = metadata;
  const account = cache.get(ServiceAccount, { namespace, name: annotations?.[nameAnnotation] ?? '' });
  const uid = annotations?.[uidAnnotation] ?? '';
  if (!account || (uid !== '' && uid !== account.metadata.uid)) return false;
  return account.secrets?.some(({ name }) => name === metadata.name) ?? false;
}

function isMounted({ metadata: { namespace, name } }: Secret, cache: Cache): boolean {
  return cache.list(Pod, { namespace }).some((pod) => podReferences(pod).secrets.has(name));
}

/** Since which day uses are noted; undefined: that is not known, so nothing can be said of any token. */
async function trackedSince({ client, log, signal }: ControllerContext): Promise<string | undefined> {
  try {
    const since = (await client.get(ConfigMap, trackingKey, { signal })).data?.['since'];
    if (isDay(since)) return since;
    log.warning('The ConfigMap does not say since when uses of tokens are noted', { configMap: trackingKey });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
  return undefined;
}

async function end(
  secret: Secret,
  what: ReturnType<typeof endOf>,
  { client, clock, log, signal }: ControllerContext,
): Promise<void> {
  const key = keyOf(secret);
  const { uid, resourceVersion } = secret.metadata;
  if (what === 'invalidate') {
    const invalidSince = dayOf(clock.now());
    const body = { metadata: { uid, labels: { [invalidSinceLabel]: invalidSince } } };
    await client.patch(Secret, key, { type: 'merge', body }, { signal });
    log.info('Marked a service account token as invalid', { secret: key, invalidSince });
  } else if (what === 'delete') {
    await client.delete(Secret, key, { preconditions: { uid, resourceVersion }, signal });
    log.info('Deleted a service account token that nobody uses', { secret: key });
  }
}
