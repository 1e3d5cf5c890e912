import type { RequestBody } from '../resources/handler-context.ts';
import type { RequestAudit } from './request-audit.ts';

/** A body that is recorded when it is read for the first time, as it was sent; those who may not send it are refused before. */
export function auditedBody<B extends RequestBody | undefined>(
  body: B,
  audit: RequestAudit | undefined,
): B | RequestBody {
  if (!audit || !body) return body;
  let isRecorded = false;
  return {
    duplicates: body.duplicates,
    value(schema) {
      const value = body.value(schema);
      if (!isRecorded) audit.requestObject(value, schema.name);
      isRecorded = true;
      return value;
    },
  };
}
