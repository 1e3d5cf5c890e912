/** Keeps an APIService for every group version that is served here. Source: kube-aggregator's autoregister. */
import { APIService, apiServiceName } from '../../api/apiregistration/api-service.ts';
import type { Clock } from '../../base/clock.ts';
import { hasReason } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { Backoff } from '../../client/backoff.ts';
import type { Client } from '../../client/client.ts';
import type { Resource } from '../../machinery/resource.ts';
import { builtinPriority, customPriority } from '../discovery/group-priorities.ts';
import type { GroupVersionPriority } from '../discovery/group-priorities.ts';
import type { ServedResources } from '../served-resources.ts';

/** Says who made an APIService: `onstart` once at start, `true` for as long as the group version is served. */
const managedLabel = 'kube-aggregator.kubernetes.io/automanaged';

/** What registering takes. */
export interface AutoRegistrationOptions {
  readonly resources: ServedResources;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** A group version that is served here. */
export interface LocalGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: GroupVersionPriority;
  readonly managed: 'onstart' | 'true';
}

/** The group versions that have an APIService. */
export function localGroupVersions(resources: readonly Resource[]): readonly LocalGroupVersion[] {
  const found = new Map<string, LocalGroupVersion>();
  for (const { group, version, custom, openApiSchema } of resources) {
    // The aggregation layer does not register itself.
    if (group === APIService.group) continue;
    const isCustom = custom !== undefined || openApiSchema !== undefined;
    const priority = isCustom ? customPriority : (builtinPriority(group, version) ?? customPriority);
    found.set(apiServiceName(group, version), { group, version, priority, managed: isCustom ? 'true' : 'onstart' });
  }
  return [...found.values()];
}

/** What is to be done to the APIServices. */
export interface RegistrationPlan {
  readonly create: readonly LocalGroupVersion[];
  readonly update: readonly { readonly existing: APIService; readonly wanted: LocalGroupVersion }[];
  readonly remove: readonly APIService[];
}

/** Compares what is wanted with what is there; what somebody else has registered is left alone. */
export function planRegistration(
  wanted: readonly LocalGroupVersion[],
  existing: readonly APIService[],
  phase: 'start' | 'later',
): RegistrationPlan {
  const byName = new Map(existing.map((one) => [one.metadata.name, one]));
  const names = new Set(wanted.map(({ group, version }) => apiServiceName(group, version)));
  // What was made at start is looked at once: whoever deletes or changes it later means it.
  const isDue = (managed: string | undefined): boolean =>
    managed === 'true' || (managed === 'onstart' && phase === 'start');
  const due = wanted.filter(({ managed }) => isDue(managed));
  return {
    create: due.filter(({ group, version }) => !byName.has(apiServiceName(group, version))),
    update: due.flatMap((one) => {
      const present = byName.get(apiServiceName(one.group, one.version));
      return present && isDue(managedOf(present)) && !isAsWanted(present, one)
        ? [{ existing: present, wanted: one }]
        : [];
    }),
    remove: existing.filter((one) => isDue(managedOf(one)) && !names.has(one.metadata.name)),
  };
}

function managedOf({ metadata }: APIService): string | undefined {
  return metadata.labels?.[managedLabel];
}

function isAsWanted({ spec, metadata }: APIService, { priority, managed }: LocalGroupVersion): boolean {
  return (
    spec.service === undefined &&
    spec.groupPriorityMinimum === priority.group &&
    spec.versionPriority === priority.version &&
    metadata.labels?.[managedLabel] === managed
  );
}

/** Registers until aborted: at once, whenever served kinds change, and when an APIService of a custom resource goes. */
export async function registerGroupVersions(options: AutoRegistrationOptions, signal: AbortSignal): Promise<void> {
  const { resources, clock, random, log } = options;
  const backoff = new Backoff({ first: 200, cap: 30_000, random });
  let phase: 'start' | 'later' = 'start';
  let wake = Promise.withResolvers<void>();
  using _listening = resources.onChange(() => wake.resolve());
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  while (!signal.aborted) {
    wake = Promise.withResolvers<void>();
    try {
      await register(options, phase, signal);
      phase = 'later';
      backoff.reset();
      await Promise.race([wake.promise, stopped]);
    } catch (error) {
      if (isOver(signal)) return;
      log.error('APIServices could not be registered', { error });
      await clock.sleep(backoff.next(), signal).catch(() => undefined);
    }
  }
}

function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function register(
  { resources, client }: AutoRegistrationOptions,
  phase: 'start' | 'later',
  signal: AbortSignal,
): Promise<void> {
  const { items } = await client.list(APIService, { signal });
  const { create, update, remove } = planRegistration(localGroupVersions(resources.all()), items, phase);
  await Promise.all([
    ...create.map((wanted) => settled(client.create(APIService, draftOf(wanted), { signal }))),
    ...update.map(({ existing, wanted }) => {
      const { metadata, spec } = draftOf(wanted);
      const labels = { ...existing.metadata.labels, ...metadata.labels };
      return settled(
        client.update(APIService, { ...existing, metadata: { ...existing.metadata, labels }, spec }, { signal }),
      );
    }),
    ...remove.map(({ metadata: { name, uid } }) =>
      settled(client.delete(APIService, { name }, { preconditions: { uid }, signal })),
    ),
  ]);
}

/** Somebody else was faster: the next look shows what there is. */
async function settled(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    const harmless = ['AlreadyExists', 'NotFound', 'Conflict'] as const;
    if (!harmless.some((reason) => hasReason(error, reason))) throw error;
  }
}

function draftOf({ group, version, priority, managed }: LocalGroupVersion) {
  return {
    metadata: { name: apiServiceName(group, version), labels: { [managedLabel]: managed } },
    spec: { group, version, groupPriorityMinimum: priority.group, versionPriority: priority.version },
  };
}
