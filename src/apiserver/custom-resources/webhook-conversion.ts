/** Conversion of custom resources by a webhook. Source: apiextensions' apiserver/conversion/webhook_converter.go. */
import type { CustomResourceDefinition } from '../../api/apiextensions/custom-resource-definition.ts';
import { StatusError, messageOf } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { fieldErrorText } from '../../machinery/field-error.ts';
import type { ApiObject, Resource } from '../../machinery/resource.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { validateMetadata } from '../../machinery/validate-metadata.ts';
import type { WebhookClient } from '../webhooks/webhook-client.ts';
import type { Conversion } from './conversion.ts';

/** What asking conversion webhooks takes. */
export interface WebhookConversionParts {
  readonly call: WebhookClient;
  readonly random: Random;
}

/** How much is shown to a webhook at once: its answer, which is as long, must not exceed what is read of one. */
const batchCount = 500;
const batchBytes = 1024 * 1024;
const timeoutSeconds = 30;
const knownVersions = new Set(['v1', 'v1beta1']);

/** The conversion of a definition; undefined when it has no webhook. */
export function webhookConversion(
  definition: CustomResourceDefinition,
  parts: WebhookConversionParts,
): Conversion | undefined {
  const { conversion } = definition.spec;
  const target = conversion?.webhook?.clientConfig;
  if (conversion?.strategy !== 'Webhook' || !target) return undefined;
  const version = conversion.webhook?.conversionReviewVersions.find((one) => knownVersions.has(one));
  const review = version && `apiextensions.k8s.io/${version}`;
  return {
    async convert(objects, apiVersion) {
      if (!review) throw new StatusError('', 'no supported conversion review versions');
      const converted: ApiObject[] = [];
      for (const batch of batchesOf(objects)) {
        converted.push(...(await convertBatch(batch, apiVersion, { ...parts, review, target })));
      }
      return converted;
    },
  };
}

function* batchesOf(objects: readonly ApiObject[]): Generator<readonly ApiObject[]> {
  let batch: ApiObject[] = [];
  let size = 0;
  for (const object of objects) {
    const length = JSON.stringify(object).length;
    if (batch.length === batchCount || (batch.length > 0 && size + length > batchBytes)) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(object);
    size += length;
  }
  if (batch.length > 0) yield batch;
}

interface Webhook extends WebhookConversionParts {
  readonly review: string;
  readonly target: Parameters<WebhookClient>[0]['target'];
}

async function convertBatch(
  objects: readonly ApiObject[],
  apiVersion: string,
  { call, random, review, target }: Webhook,
): Promise<readonly ApiObject[]> {
  const uid = random.uuid();
  const first = objects[0];
  const subject = `conversion webhook for ${first?.apiVersion ?? ''}, Kind=${first?.kind ?? ''}`;
  const request = { uid, desiredAPIVersion: apiVersion, objects };
  let answers: readonly unknown[];
  try {
    const body = { kind: 'ConversionReview', apiVersion: review, request };
    answers = readAnswer(await call({ target, body, timeoutSeconds }), { review, uid });
  } catch (error) {
    throw new StatusError('', `${subject} failed: ${messageOf(error)}`, { cause: error });
  }
  if (answers.length !== objects.length) {
    throw new StatusError('', `${subject} returned ${answers.length} objects, expected ${objects.length}`);
  }
  return objects.map((object, index) => {
    try {
      return checked(object, answers[index], apiVersion);
    } catch (error) {
      const message = `${subject} returned invalid converted object at index ${index}: ${messageOf(error)}`;
      throw new StatusError('', message, { cause: error });
    }
  });
}

function readAnswer(
  answer: unknown,
  { review, uid }: { readonly review: string; readonly uid: string },
): readonly unknown[] {
  if (!isJsonObject(answer) || answer['apiVersion'] !== review || answer['kind'] !== 'ConversionReview') {
    const got = isJsonObject(answer) ? `${textOf(answer['apiVersion'])}, Kind=${textOf(answer['kind'])}` : '/, Kind=';
    throw new Error(`expected webhook response of ${review}, Kind=ConversionReview, got ${got}`);
  }
  const { response } = answer;
  if (!isJsonObject(response)) throw new Error('no response provided');
  if (response['uid'] !== uid) {
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOf(response['uid']))}`);
  }
  const result = isJsonObject(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success') {
    const message = textOf(result['message']);
    throw new Error(message || `response.result.status was '${textOf(result['status'])}', not 'Success'`);
  }
  const converted = response['convertedObjects'];
  return Array.isArray(converted) ? converted : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The converted object with its metadata as it was: a webhook may change nothing of it but labels and annotations. */
function checked(original: ApiObject, converted: unknown, apiVersion: string): ApiObject {
  if (!isJsonObject(converted)) throw new Error('it is not an object');
  if (converted['apiVersion'] !== apiVersion) {
    const received = textOf(converted['apiVersion']);
    throw new Error(`invalid groupVersion (expected ${apiVersion}, received ${received})`);
  }
  if (converted['kind'] !== original.kind) {
    throw new Error(`invalid kind (expected ${original.kind}, received ${textOf(converted['kind'])})`);
  }
  const { metadata } = converted;
  if (!isJsonObject(metadata)) throw new Error('missing metadata in converted object');
  mustBeSame('name', original.metadata.name, metadata['name']);
  mustBeSame('namespace', original.metadata.namespace ?? '', metadata['namespace'] ?? '');
  mustBeSame('UID', original.metadata.uid, metadata['uid']);
  const { labels: _labels, annotations: _annotations, ...kept } = original.metadata;
  const labels = stringsOf('labels', metadata['labels']);
  const annotations = stringsOf('annotations', metadata['annotations']);
  const next = { ...kept, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  const [wrong] = validateMetadata(anyKind, { metadata: { name: 'x', labels, annotations } });
  if (wrong) throw new Error(fieldErrorText(wrong));
  return { ...converted, metadata: next } as unknown as ApiObject;
}

/** For the rules of labels and annotations, which are the same for all. */
const anyKind = { nameFormat: 'path', namespaced: false, custom: {} } as unknown as Resource;

function mustBeSame(what: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  throw new Error(`must have the same ${what}: ${String(expected)} != ${String(actual)}`);
}

function stringsOf(what: string, value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw new Error(`invalid metadata.${what} of type ${typeof value} in converted object`);
  const odd = Object.entries(value).find(([, member]) => typeof member !== 'string');
  if (odd) throw new Error(`metadata.${what}[${odd[0]}] must be a string, but is ${typeof odd[1]} in converted object`);
  return value as Record<string, string>;
}
