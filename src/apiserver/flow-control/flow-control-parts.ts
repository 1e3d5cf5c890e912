/** Flow control as a part of an ordinary server. */
import type { ServerContext } from '../create-api-server.ts';
import type { DocumentHandler } from '../ports.ts';
import { bootstrapFlowControl, keepFlowControl } from './bootstrap-flow-control.ts';
import { feedConfiguration } from './configuration-feed.ts';
import { createFlowControlDocuments } from './debug-documents.ts';
import type { FlowControl } from './flow-control.ts';
import { createMaxInFlight } from './max-in-flight.ts';
import { PriorityAndFairness } from './priority-and-fairness.ts';

/** Settings, as kube-apiserver's flags name them. */
export interface FlowControlSettings {
  /** --enable-priority-and-fairness. */
  readonly enabled: boolean;
  /** --max-requests-inflight. */
  readonly maxRequestsInFlight: number;
  /** --max-mutating-requests-inflight. */
  readonly maxMutatingRequestsInFlight: number;
}

/** Upstream's defaults. */
export const defaultFlowControl: FlowControlSettings = {
  enabled: true,
  maxRequestsInFlight: 400,
  maxMutatingRequestsInFlight: 200,
};

/** What a server gets of it. */
export interface FlowControlParts {
  /** Undefined when nothing is limited. */
  readonly flowControl: FlowControl | undefined;
  readonly documents: readonly DocumentHandler[];
  /** Makes the usual objects and reads the configuration; what goes on until the server ends is added to `running`. */
  start(running: Promise<void>[]): Promise<void>;
}

/** Makes priority and fairness, or the plain limits where that is off. */
export function flowControlParts(settings: FlowControlSettings, context: ServerContext): FlowControlParts {
  const { client, clock, signal } = context;
  const { maxRequestsInFlight: readOnly, maxMutatingRequestsInFlight: mutating } = settings;
  if (!settings.enabled) {
    const limited = readOnly > 0 || mutating > 0;
    return {
      flowControl: limited ? createMaxInFlight({ readOnly, mutating }) : undefined,
      documents: [],
      start: () => bootstrapFlowControl(client),
    };
  }
  const findCache = context.caches.find.bind(context.caches);
  const flowControl = new PriorityAndFairness({ clock, seats: readOnly + mutating, findCache });
  return {
    flowControl,
    documents: [createFlowControlDocuments(flowControl, clock)],
    async start(running) {
      await bootstrapFlowControl(client);
      const feed = feedConfiguration(flowControl, context);
      running.push(feed.done, flowControl.run(signal), keepFlowControl(context, signal));
      await feed.ready;
    },
  };
}
