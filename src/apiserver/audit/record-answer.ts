import type { Resource } from '../../machinery/resource.ts';
import type { Answer } from '../api.ts';
import { StoredObject } from '../cache/stored-object.ts';
import { partsOf } from '../http/exchange.ts';
import type { ResponseBody } from '../http/exchange.ts';
import { encodeAnswer, encodeList } from '../http/responses.ts';
import type { AnswerForm } from '../http/responses.ts';
import type { ListPage } from '../resources/list-objects.ts';
import type { RequestAudit, ToldStatus } from './request-audit.ts';

/** How an answer goes out. */
interface SentAnswer {
  readonly resource: Resource;
  readonly form: AnswerForm;
  readonly body: ResponseBody;
}

/** Records an object that is answered. */
export function recordAnswer(audit: RequestAudit, answer: Answer, { resource, form, body }: SentAnswer): void {
  const kind = answer instanceof StoredObject ? resource.kind : String(answer['kind']);
  if (kind === 'Status') audit.responseStatus(answer as ToldStatus);
  audit.responseObject(kind, () => jsonOf(form, body, (plain) => encodeAnswer(resource, answer, plain)));
}

/** Records a list that is answered. */
export function recordList(audit: RequestAudit, page: ListPage, { resource, form, body }: SentAnswer): void {
  audit.responseObject(resource.listKind, () => jsonOf(form, body, (plain) => encodeList(resource, page, plain)));
}

/** The bytes that go out if they are JSON, else the same in JSON. */
function jsonOf(form: AnswerForm, body: ResponseBody, encode: (form: AnswerForm) => ResponseBody): string {
  const isJson = form.encoding === 'json' && !form.pretty;
  const json = isJson ? body : encode({ ...form, encoding: 'json', pretty: false });
  return typeof json === 'string' ? json : Buffer.concat([...partsOf(json)]).toString();
}
