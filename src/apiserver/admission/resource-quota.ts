/**
 * A namespace gets no more than its quotas allow. A request is charged to its quotas before its object is stored, and
 * given back when it is not; what is freed, those who count find out: `src/controllers/resourcequota`. Source: apiserver's
 * admission/plugin/resourcequota.
 */
import { keepCharges } from '../../api/core/quota-charges.ts';
import { ResourceQuota } from '../../api/core/resource-quota.ts';
import type { Random } from '../../base/random.ts';
import { keyOf, keyString } from '../../machinery/resource.ts';
import type { ObjectKey } from '../../machinery/resource.ts';
import type { Writable } from '../../machinery/schema.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../ports.ts';
import { QuotaAccount } from './quota-account.ts';
import { demandOf, judge, taken } from './quota-decision.ts';
import type { Demand, Judgement } from './quota-decision.ts';
import { uncoveredDemand } from './quota-limits.ts';
import type { ResourceQuotaConfiguration } from './quota-limits.ts';
import { refusal } from './refusal.ts';

/** What is charged to whom for one request. */
interface Charged {
  readonly id: string;
  readonly accounts: readonly QuotaAccount[];
}

/** Upstream's ResourceQuota. It comes last: what it charges should not be refused by another. */
export function createResourceQuota(random: Random, configuration: ResourceQuotaConfiguration = {}): AdmissionPlugin {
  const charged = new WeakMap<AdmissionRequest, Charged>();
  const accounts = new Accounts();
  return {
    name: 'ResourceQuota',
    admit({ resource, attributes, object, old }) {
      if (!object || resource.qualified !== ResourceQuota.qualified || attributes.subresource) return;
      keepCharges((object as unknown as Writable<ResourceQuota>).metadata, old as ResourceQuota | undefined);
    },
    validate(request, context) {
      const { resource, attributes } = request;
      if (!resource.namespaced || attributes.namespace === '') return;
      const quotas = context.objectsIn(ResourceQuota, attributes.namespace);
      if (quotas.length === 0 && !configuration.limitedResources?.length) return;
      const demand = demandOf(request, context.now());
      if (!demand) return;
      const concerned = concernedQuotas(quotas, demand, request, configuration);
      if (concerned.length === 0 || request.dryRun) return;
      const id = random.uuid();
      const charge = { id, accounts: concerned.map((quota) => accounts.of(keyOf(quota), context)) };
      charged.set(request, charge);
      return take(charge, demand, request);
    },
    settled(request, outcome) {
      const found = charged.get(request);
      // Nobody knows what became of it: those who count will.
      if (!found || outcome === 'uncertain') return;
      for (const account of found.accounts) account.settle({ id: found.id, refund: outcome === 'refused' });
    },
  };
}

/**
 * The quotas to charge, those first that look exhausted: what they refuse need not be given back to others. Throws
 * Forbidden when one of them refuses whatever is left, or what is left is known as well as a dry run needs.
 */
function concernedQuotas(
  quotas: readonly ResourceQuota[],
  demand: Demand,
  request: AdmissionRequest,
  configuration: ResourceQuotaConfiguration,
): readonly ResourceQuota[] {
  const judgements: Judgement[] = [];
  const exhausted: ResourceQuota[] = [];
  const ample: ResourceQuota[] = [];
  for (const quota of quotas) {
    const judgement = judge(quota, demand);
    if (judgement === undefined) continue;
    if (typeof judgement === 'string') throw refusal(request, judgement);
    judgements.push(judgement);
    if (Object.keys(judgement.added).length === 0) continue;
    const total = taken(quota, judgement.added);
    if (typeof total === 'string' && request.dryRun) throw refusal(request, total);
    (typeof total === 'string' ? exhausted : ample).push(quota);
  }
  const uncovered = uncoveredDemand(configuration, demand, { quotas, judgements });
  if (uncovered !== undefined) throw refusal(request, uncovered);
  return [...exhausted, ...ample];
}

/** Charges one quota after the other. What was charged when one refuses is given back when the request is settled. */
async function take({ id, accounts }: Charged, demand: Demand, request: AdmissionRequest): Promise<void> {
  const uid = demand.old ? undefined : demand.object.metadata.uid;
  for (const account of accounts) {
    const refused = await account.charge({
      id,
      uid,
      assess: (quota) => {
        const judgement = judge(quota, demand);
        return typeof judgement === 'object' ? judgement.added : judgement;
      },
    });
    if (refused !== undefined) throw refusal(request, refused);
  }
}

/** The accounts of quotas that something is under way for. */
class Accounts {
  readonly #accounts = new Map<string, QuotaAccount>();

  of(key: ObjectKey, context: AdmissionContext): QuotaAccount {
    const name = keyString(key);
    let account = this.#accounts.get(name);
    if (!account) {
      // Few quotas are charged at once; those that are not keep nothing.
      if (this.#accounts.size >= 256) this.#sweep();
      this.#accounts.set(name, (account = new QuotaAccount(key, context)));
    }
    return account;
  }

  #sweep(): void {
    for (const [name, account] of this.#accounts) if (account.isIdle) this.#accounts.delete(name);
  }
}
