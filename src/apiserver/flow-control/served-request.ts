import type { User } from '../ports.ts';
import type { ClassifiedRequest, Flow, SchemaInUse } from './classifier.ts';
import type { ArrivedRequest } from './flow-control.ts';
import { Ticket } from './ticket.ts';
import type { WorkEstimate } from './ticket.ts';

/** What belongs to a request on its way. */
export interface ServedRequestParts {
  readonly schema: SchemaInUse;
  readonly asked: ClassifiedRequest;
  readonly flow: Flow;
  readonly request: ArrivedRequest;
  readonly user: User;
  readonly answer: () => Promise<void> | void;
}

/** A request on its way, with what it is about and how it is answered. */
export class ServedRequest extends Ticket {
  readonly schema: SchemaInUse;
  readonly asked: ClassifiedRequest;
  readonly flow: Flow;
  readonly request: ArrivedRequest;
  readonly user: User;
  readonly answer: () => Promise<void> | void;
  ended = false;

  constructor(estimate: WorkEstimate, { schema, asked, flow, request, user, answer }: ServedRequestParts) {
    super(estimate, flow.hand);
    this.schema = schema;
    this.asked = asked;
    this.flow = flow;
    this.request = request;
    this.user = user;
    this.answer = answer;
  }
}
