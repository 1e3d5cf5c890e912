/** Upstream's MutatingAdmissionWebhook: others' servers change objects on their way to the store. */
import { MutatingWebhookConfiguration } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import type { MutatingWebhook } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import { copyJson } from '../../../base/copy-json.ts';
import { StatusError, messageOf } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { decodeObject, decodeStruct } from '../../../machinery/decode.ts';
import { equalJson } from '../../../machinery/patch/equal-json.ts';
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts';
import { isJsonObject } from '../../../machinery/schema.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import { MutationRounds } from '../mutation-rounds.ts';
import { ShownObjects, convert } from '../shown-objects.ts';
import { askWebhook, invocationOf } from './webhook-caller.ts';
import type { Asking, Invocation, WebhookParts } from './webhook-caller.ts';
import { isAboutAdmission } from './webhook-matching.ts';

const name = 'MutatingAdmissionWebhook';

/** Makes the plug-in. */
export function createMutatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  return {
    name,
    mutatesInRounds: true,
    admit(request, context) {
      const configurations = context.objects(MutatingWebhookConfiguration);
      if (configurations.length === 0 || isAboutAdmission(request)) return;
      const webhooks = configurations
        .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .flatMap(({ metadata, webhooks: listed = [] }) =>
          listed.map((webhook) => ({ webhook, configuration: metadata.name })),
        );
      const asking = { context, parts, objects: new ShownObjects(request) };
      const rounds = (request.rounds ??= new MutationRounds());
      const mutators = webhooks.map(({ webhook, configuration }, index) => ({
        identity: webhook,
        reinvocationPolicy: webhook.reinvocationPolicy,
        ask: () => {
          const place = `round_${rounds.isSecond ? 1 : 0}_index_${index}`;
          return askToChange({ webhook, configuration, place }, request, asking);
        },
      }));
      return rounds.run(name, mutators, request);
    },
  };
}

/** Asks one; says whether it changed the object. */
async function askToChange(
  placed: PlacedWebhook,
  request: AdmissionRequest,
  asking: Asking,
): Promise<boolean | undefined> {
  const invocation = await invocationOf(placed.webhook, request, asking);
  if (!invocation) return undefined;
  let mutated: boolean | undefined;
  try {
    mutated = await changedBy(placed, invocation, { request, asking });
    return mutated;
  } finally {
    note(request, placed, { mutated: mutated ?? false });
  }
}

/** A webhook, and where it stands among all of them; `place` is like `round_0_index_1`. */
interface PlacedWebhook {
  readonly webhook: MutatingWebhook;
  readonly configuration: string;
  readonly place: string;
}

/** Notes in the audit event that a webhook was asked, or what it changed. Source: apiserver's webhookAnnotator. */
function note(
  { annotate }: AdmissionRequest,
  { webhook: { name: webhook }, configuration, place }: PlacedWebhook,
  said: { readonly mutated: boolean } | { readonly patch: Json },
): void {
  const isPatch = 'patch' in said;
  const more = isPatch ? { ...said, patchType: 'JSONPatch' } : said;
  const key = `${isPatch ? 'patch' : 'mutation'}.webhook.admission.k8s.io/${place}`;
  annotate?.(key, JSON.stringify({ configuration, webhook, ...more }), isPatch ? 'Request' : 'Metadata');
}

/** Whether a webhook changed the object; undefined when it could not be asked. */
async function changedBy(
  placed: PlacedWebhook,
  invocation: Invocation<MutatingWebhook>,
  { request, asking }: { readonly request: AdmissionRequest; readonly asking: Asking },
): Promise<boolean | undefined> {
  const failedOpenKey = `failed-open.mutation.webhook.admission.k8s.io/${placed.place}`;
  const answer = await askWebhook({ ...invocation, failedOpenKey }, request, asking.parts);
  if (!answer) return undefined;
  const { object } = request;
  if (!answer.patch || !object) return false;
  const before = copyJson(object);
  replaceObject(request, await patched(invocation, request, answer.patch));
  note(request, placed, { patch: answer.patch });
  asking.objects.changed();
  return !equalJson(object, before);
}

async function patched(
  { webhook, shown }: Invocation<MutatingWebhook>,
  { resource }: AdmissionRequest,
  patch: Json,
): Promise<unknown> {
  let changed: Json;
  try {
    changed = applyJsonPatch(shown.object as Json, patch);
  } catch (error) {
    const who = JSON.stringify(webhook.name);
    throw new StatusError(
      'InternalError',
      `Internal error occurred: admission webhook ${who} attempted to modify the object, which is not supported for this operation: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return isJsonObject(changed) ? convert(changed, shown.shownAs, resource) : changed;
}

/** Puts a changed object in the place of the request's: decoded anew, so that it has its defaults and nothing unknown. */
export function replaceObject({ object, resource, objectKind }: AdmissionRequest, value: unknown): void {
  if (!object) return;
  const { object: fresh } = objectKind
    ? decodeStruct(objectKind.schema, value, objectKind)
    : decodeObject(resource, value);
  for (const name of Object.keys(object)) delete object[name];
  Object.assign(object, fresh);
}
