import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Status } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { isJsonObject } from '../../machinery/schema.ts';
import { impersonationConstraint } from '../authentication/impersonation.ts';
import type { Annotate, User } from '../ports.ts';
import type { AuditBackend, Recorded } from './audit-backend.ts';
import { auditLevels, eventUser } from './audit-event.ts';
import type { AuditEvent, AuditLevel, AuditStage, EventStatus } from './audit-event.ts';
import type { AuditMetrics } from './audit-metrics.ts';
import type { AuditScope } from './audit-policy.ts';
import { mayHoldToken, recordedObject } from './recorded-object.ts';

/** What recording takes. */
export interface AuditParts {
  readonly backend: AuditBackend;
  readonly metrics: AuditMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is known of a request from the beginning. */
export type RequestFacts = Pick<
  AuditEvent,
  'auditID' | 'requestURI' | 'verb' | 'user' | 'sourceIPs' | 'userAgent' | 'objectRef'
>;

/** A request's answer as events tell it: members of a Status. */
export type ToldStatus = Omit<EventStatus, 'metadata'>;

/** What a record begins with. */
export interface BegunRequest {
  readonly facts: RequestFacts;
  readonly isLong: boolean;
  /** Without a user there is one event: that the request was refused. */
  readonly isIdentified: boolean;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What becomes known later. */
type Late = 'impersonatedUser' | 'authenticationMetadata' | 'objectRef' | 'requestObject' | 'responseObject';

/** What is recorded of one request, stage by stage. */
export class RequestAudit {
  /** Whether the request goes on after its answer has begun, as watches do. */
  readonly isLong: boolean;
  readonly #isIdentified: boolean;
  readonly #parts: AuditParts;
  readonly #scope: AuditScope;
  readonly #facts: RequestFacts;
  readonly #received: { readonly wall: number; readonly monotonic: number };
  readonly #annotations: Record<string, string>;
  readonly #late: { -readonly [K in Late]?: AuditEvent[K] } = {};
  #status: EventStatus | undefined;
  #isOver = false;

  constructor(parts: AuditParts, scope: AuditScope, request: BegunRequest) {
    this.#parts = parts;
    this.#scope = scope;
    this.#facts = request.facts;
    this.isLong = request.isLong || !request.isIdentified;
    this.#isIdentified = request.isIdentified;
    this.#annotations = { ...request.annotations };
    this.#received = { wall: parts.clock.now(), monotonic: parts.clock.monotonic() };
  }

  /** Notes something. What was noted under a key stays; `level`: from which on it is noted at all. */
  readonly annotate: Annotate = (key, value, level = 'Metadata') => {
    if (!this.#includes(level)) return;
    const known = this.#annotations[key];
    if (known === undefined) this.#annotations[key] = value;
    else if (known !== value) {
      const { auditID } = this.#facts;
      this.#parts.log.v(4).info('Failed to set an audit annotation that is set already', { auditID, key });
    }
  };

  /** Whether what the request brought is recorded. */
  get wantsRequestObject(): boolean {
    return this.#includes('Request');
  }

  /** Whether what it was answered is recorded. */
  get wantsResponseObject(): boolean {
    return this.#includes('RequestResponse');
  }

  /** Whom the request acts as. */
  impersonates(user: User): void {
    this.#late.impersonatedUser = eventUser(user);
    const constraint = impersonationConstraint(user);
    if (constraint !== undefined) this.#late.authenticationMetadata = { impersonationConstraint: constraint };
  }

  /** What the request brought, as it was sent. What its path does not say of the object is taken from there. */
  requestObject(value: unknown, kind: string): void {
    const metadata = isJsonObject(value) && isJsonObject(value['metadata']) ? value['metadata'] : {};
    const { objectRef } = this.#facts;
    const said = (name: string): string | undefined => {
      const text = metadata[name];
      return typeof text === 'string' && text !== '' ? text : undefined;
    };
    this.#late.objectRef = {
      ...objectRef,
      namespace: objectRef?.namespace ?? said('namespace'),
      name: objectRef?.name ?? said('name'),
      uid: said('uid'),
      resourceVersion: said('resourceVersion'),
    };
    if (this.wantsRequestObject) this.#late.requestObject = recordedObject(kind, value, this.#scope.omitManagedFields);
  }

  /** The patch that the request brought. */
  requestPatch(value: unknown): void {
    if (this.wantsRequestObject) this.#late.requestObject = recordedObject('', value, false);
  }

  /** What is answered, in JSON, made only if it is wanted. */
  responseObject(kind: string, json: () => string): void {
    if (!this.wantsResponseObject || this.#isOver) return;
    const text = json();
    const isPlain = !this.#scope.omitManagedFields && !mayHoldToken(kind);
    this.#late.responseObject = isPlain ? text : recordedObject(kind, JSON.parse(text), this.#scope.omitManagedFields);
  }

  /** Why the request fails. */
  failed(status: Status): void {
    this.responseStatus(status);
    this.responseObject('Status', () => JSON.stringify(status));
  }

  /** A Status that is answered: why a request failed, or that an object is gone. */
  responseStatus({ status, message, reason, details, code }: ToldStatus): void {
    if (this.#isOver) return;
    this.#status = { metadata: {}, status, message, reason, details, code };
  }

  /** The request has arrived. */
  received(): Recorded {
    return this.#stage('RequestReceived');
  }

  /** The answer begins. */
  started(code: number): Recorded {
    this.#settle(code);
    const recorded = this.#stage('ResponseStarted');
    this.#isOver ||= !this.#isIdentified;
    return recorded;
  }

  /** The answer is complete; without a code, there was none. */
  completed(code?: number): Recorded {
    if (this.#isOver) return true;
    if (code !== undefined) this.#settle(code);
    else if (!this.#status)
      this.#status = { metadata: {}, status: 'Success', message: 'Connection closed early', code: 200 };
    const recorded = this.#stage('ResponseComplete');
    this.#isOver = true;
    return recorded;
  }

  /** The server itself failed. */
  panicked(error: unknown): Recorded {
    if (this.#isOver) return true;
    const message = `APIServer panic'd: ${messageOf(error)}`;
    this.#status = { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
    const recorded = this.#stage('Panic');
    this.#isOver = true;
    return recorded;
  }

  #settle(code: number): void {
    this.#status = { ...(this.#status ?? { metadata: {} }), code };
  }

  #includes(level: AuditLevel): boolean {
    return auditLevels.indexOf(this.#scope.level) >= auditLevels.indexOf(level);
  }

  #stage(stage: AuditStage): Recorded {
    if (this.#isOver || this.#scope.omitStages.has(stage)) return true;
    const { backend, metrics, clock } = this.#parts;
    const { wall, monotonic } = this.#received;
    const at = stage === 'RequestReceived' ? wall : wall + (clock.monotonic() - monotonic);
    metrics.event();
    return backend.process([
      {
        level: this.#scope.level,
        auditID: this.#facts.auditID,
        stage,
        requestURI: this.#facts.requestURI,
        verb: this.#facts.verb,
        user: this.#facts.user,
        impersonatedUser: this.#late.impersonatedUser,
        authenticationMetadata: this.#late.authenticationMetadata,
        sourceIPs: this.#facts.sourceIPs,
        userAgent: this.#facts.userAgent,
        objectRef: this.#late.objectRef ?? this.#facts.objectRef,
        responseStatus: this.#status,
        requestObject: this.#late.requestObject,
        responseObject: this.#late.responseObject,
        requestReceivedTimestamp: microseconds(wall),
        stageTimestamp: microseconds(at),
        annotations: Object.keys(this.#annotations).length === 0 ? undefined : { ...this.#annotations },
      },
    ]);
  }
}

/** The last second that was asked for, and how it is written: most events are of the same one as the event before. */
let lastSecond = -1;
let lastText = '';

/** RFC 3339 in microseconds of a time in milliseconds with fractions. */
function microseconds(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toISOString().slice(0, -4);
  }
  const rest = Math.floor((ms - second * 1000) * 1000);
  return `${lastText}${String(rest).padStart(6, '0')}Z`;
}
