/** Upstream's ValidatingAdmissionWebhook: others' servers judge requests, all at once. */
import { ValidatingWebhookConfiguration } from '../../../api/admissionregistration/validating-webhook-configuration.ts';
import type { AdmissionContext, AdmissionPlugin, AdmissionRequest } from '../../ports.ts';
import { ShownObjects } from '../shown-objects.ts';
import { askWebhook, invocationOf } from './webhook-caller.ts';
import type { WebhookParts } from './webhook-caller.ts';
import { isAboutAdmission } from './webhook-matching.ts';

/** Makes the plug-in. */
export function createValidatingWebhooks(parts: WebhookParts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionWebhook',
    validate(request, context) {
      const configurations = context.objects(ValidatingWebhookConfiguration);
      if (configurations.length === 0 || isAboutAdmission(request)) return;
      return askAll(configurations, request, { context, parts });
    },
  };
}

async function askAll(
  configurations: readonly ValidatingWebhookConfiguration[],
  request: AdmissionRequest,
  { context, parts }: { readonly context: AdmissionContext; readonly parts: WebhookParts },
): Promise<void> {
  const asking = { context, parts, objects: new ShownObjects(request) };
  const all = configurations.flatMap(({ webhooks = [] }) => webhooks);
  const concerned = await Promise.all(all.map((webhook) => invocationOf(webhook, request, asking)));
  const asked = concerned.filter((invocation) => invocation !== undefined);
  const prefix = 'failed-open.validating.webhook.admission.k8s.io';
  await Promise.all(
    asked.map((invocation, index) =>
      askWebhook({ ...invocation, failedOpenKey: `${prefix}/round_0_index_${index}` }, request, parts),
    ),
  );
}
