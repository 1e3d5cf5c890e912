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
        .flatMap(({ webhooks: listed = [] }) => listed);
      const asking = { context, parts, objects: new ShownObjects(request) };
      const mutators = webhooks.map((webhook) => ({
        identity: webhook,
        reinvocationPolicy: webhook.reinvocationPolicy,
        ask: () => askToChange(webhook, request, asking),
      }));
      return (request.rounds ??= new MutationRounds()).run(name, mutators, request);
    },
  };
}

/** Asks one; says whether it changed the object. */
async function askToChange(
  webhook: MutatingWebhook,
  request: AdmissionRequest,
  asking: Asking,
): Promise<boolean | undefined> {
  const invocation = await invocationOf(webhook, request, asking);
  const answer = invocation && (await askWebhook(invocation, request, asking.parts));
  if (!answer) return undefined;
  const { object } = request;
  if (!answer.patch || !object) return false;
  const before = copyJson(object);
  replaceObject(request, await patched(invocation, request, answer.patch));
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
