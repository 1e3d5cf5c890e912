/** Audit events as they leave the server. Source: apiserver's apis/audit/v1. */
import type { Status } from '../../base/errors.ts';
import type { User } from '../ports.ts';

/** How much of a request is recorded, from least to most. */
export const auditLevels = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
/** One of `auditLevels`. */
export type AuditLevel = (typeof auditLevels)[number];

/** When an event is made: each request has one event per stage that it reaches. */
export const auditStages = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
/** One of `auditStages`. */
export type AuditStage = (typeof auditStages)[number];

/** Who asks, as events show it. Source: authentication.k8s.io UserInfo. */
export interface EventUser {
  readonly username?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What a request is about; empty members are left out. */
export interface EventReference {
  readonly resource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly uid?: string | undefined;
  readonly apiGroup?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly subresource?: string | undefined;
}

/** How a request was answered. */
export type EventStatus = { readonly metadata: Readonly<Record<string, never>> } & Partial<
  Pick<Status, 'status' | 'message' | 'reason' | 'details' | 'code'>
>;

/** One event. It never changes; what a later stage knows more is in an event of its own. */
export interface AuditEvent {
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: EventUser;
  readonly impersonatedUser?: EventUser | undefined;
  /** The verb by which the user acts as another, where that is allowed for some requests only. */
  readonly authenticationMetadata?: { readonly impersonationConstraint: string } | undefined;
  readonly sourceIPs?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly objectRef?: EventReference | undefined;
  readonly responseStatus?: EventStatus | undefined;
  /** JSON. */
  readonly requestObject?: string | undefined;
  /** JSON. */
  readonly responseObject?: string | undefined;
  /** RFC 3339 in microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

const users = new WeakMap<User, EventUser>();

/** How events show a user. */
export function eventUser(user: User | undefined): EventUser {
  if (!user) return {};
  let shown = users.get(user);
  if (!shown) users.set(user, (shown = showUser(user)));
  return shown;
}

function showUser({ name, uid, groups, extra }: User): EventUser {
  return {
    username: name,
    uid: uid || undefined,
    groups: groups.length === 0 ? undefined : groups,
    extra: extra && Object.keys(extra).length > 0 ? extra : undefined,
  };
}

/** Of users and addresses, which have many events. */
const texts = new WeakMap<object, string>();

/** The event as JSON, without a line feed. Written member by member: it is the most of what recording costs. */
export function eventText(event: AuditEvent): string {
  const { requestObject, responseObject } = event;
  const about =
    sharedMember('user', event.user) +
    (event.impersonatedUser ? sharedMember('impersonatedUser', event.impersonatedUser) : '') +
    member('authenticationMetadata', event.authenticationMetadata) +
    (event.sourceIPs ? sharedMember('sourceIPs', event.sourceIPs) : '') +
    member('userAgent', event.userAgent) +
    member('objectRef', event.objectRef) +
    member('responseStatus', event.responseStatus);
  const objects =
    (requestObject === undefined ? '' : `,"requestObject":${requestObject}`) +
    (responseObject === undefined ? '' : `,"responseObject":${responseObject}`);
  const times = `"requestReceivedTimestamp":"${event.requestReceivedTimestamp}","stageTimestamp":"${event.stageTimestamp}"`;
  const head = `"level":"${event.level}","auditID":${JSON.stringify(event.auditID)},"stage":"${event.stage}"`;
  const asked = `"requestURI":${JSON.stringify(event.requestURI)},"verb":${JSON.stringify(event.verb)}`;
  const kind = '"kind":"Event","apiVersion":"audit.k8s.io/v1"';
  return `{${kind},${head},${asked}${about}${objects},${times}${member('annotations', event.annotations)}}`;
}

function member(name: string, value: unknown): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

function sharedMember(name: string, value: object): string {
  let text = texts.get(value);
  if (text === undefined) texts.set(value, (text = JSON.stringify(value)));
  return `,"${name}":${text}`;
}

/** The event as one line for people. Source: apiserver's audit/format. */
export function legacyText(event: AuditEvent): string {
  const { user, impersonatedUser: as, objectRef, responseStatus, sourceIPs = [] } = event;
  const fields = {
    id: event.auditID,
    stage: event.stage,
    ip: sourceIPs[0] ?? '<unknown>',
    method: event.verb,
    user: user.username || '<none>',
    groups: user.username && user.groups ? quotedList(user.groups) : '<none>',
    as: as ? (as.username ?? '') : '<self>',
    asgroups: as?.groups ? quotedList(as.groups) : '<lookup>',
    'user-agent': event.userAgent ?? '',
    namespace: objectRef?.namespace || '<none>',
    uri: event.requestURI,
    response: responseStatus ? String(responseStatus.code ?? 0) : '<deferred>',
  };
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${event.requestReceivedTimestamp} AUDIT: ${shown.join(' ')}`;
}

function quotedList(items: readonly string[]): string {
  return items.map((item) => JSON.stringify(item)).join(',');
}
