/** Upstream's MutatingAdmissionWebhook: others' servers change objects on their way to the store. */
import { MutatingWebhookConfiguration } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import type { MutatingWebhook } from '../../../api/admissionregistration/mutating-webhook-configuration.ts';
import { StatusError, messageOf } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { decodeObject, decodeStruct } from '../../../machinery/decode.ts';
import { equalJson } from '../../../machinery/patch/equal-json.ts';
import { applyJsonPatch } from '../../../machinery/patch/json-patch.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import { convert } from './shown-objects.ts';
import { askWebhook, invocationOf } from './webhook-caller.ts';
import type { Invocation, WebhookParts } from './webhook-caller.ts';
import { isAboutAdmission } from './webhook-matching.ts';

/** Makes the plug-in. */
export function createMutatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  return {
    name: 'MutatingAdmissionWebhook',
    async admit(request, context) {
      const configurations = context.objects(MutatingWebhookConfiguration);
      if (configurations.length === 0 || isAboutAdmission(request)) return;
      const webhooks = configurations
        .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .flatMap(({ webhooks: listed = [] }) => listed);
      await runRounds(webhooks, request, { context, parts });
    },
  };
}

interface Round {
  readonly context: AdmissionContext;
  readonly parts: WebhookParts;
}

/** Asks all in order; then once more those that wish it, of which a later one has changed what they saw. */
async function runRounds(webhooks: readonly MutatingWebhook[], request: AdmissionRequest, round: Round): Promise<void> {
  const again = new Set<MutatingWebhook>();
  const asked: MutatingWebhook[] = [];
  for (const webhook of webhooks) {
    const invocation = invocationOf(webhook, request, round);
    if (!invocation) continue;
    if (await askToChange(invocation, request, round.parts)) for (const earlier of asked) again.add(earlier);
    if (webhook.reinvocationPolicy === 'IfNeeded') asked.push(webhook);
  }
  for (const webhook of again) {
    const invocation = invocationOf(webhook, request, round);
    if (invocation) await askToChange(invocation, request, round.parts);
  }
}

/** Asks one; says whether it changed the object. */
async function askToChange(
  invocation: Invocation<MutatingWebhook>,
  request: AdmissionRequest,
  parts: WebhookParts,
): Promise<boolean> {
  const answer = await askWebhook(invocation, request, parts);
  const { object } = request;
  if (!answer?.patch || !object) return false;
  const before = structuredClone(object);
  replaceObject(request, patched(invocation, request, answer.patch));
  return !equalJson(object, before);
}

function patched({ webhook, shownAs }: Invocation<MutatingWebhook>, request: AdmissionRequest, patch: Json): unknown {
  const { object, resource } = request;
  try {
    const shown = convert(object, resource, shownAs) as Json;
    return convert(applyJsonPatch(shown, patch), shownAs, resource);
  } catch (error) {
    const name = JSON.stringify(webhook.name);
    throw new StatusError(
      'InternalError',
      `Internal error occurred: admission webhook ${name} attempted to modify the object, which is not supported for this operation: ${messageOf(error)}`,
      { cause: error },
    );
  }
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
