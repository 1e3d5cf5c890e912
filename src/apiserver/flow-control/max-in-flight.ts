/** The plain limit on requests under way, without priority and fairness. Source: apiserver's filters/maxinflight.go. */
import type { User } from '../ports.ts';
import { refuse } from './flow-control.ts';
import type { ArrivedRequest, FlowControl } from './flow-control.ts';
import { classOf, isLongRunning, isMutating } from './request-class.ts';

/** Requests that may be under way; 0: any number. */
export interface InFlightLimits {
  readonly readOnly: number;
  readonly mutating: number;
}

/** Refuses requests beyond the limits, but those of system:masters. Watches and other long ones do not count. */
export function createMaxInFlight(limits: InFlightLimits): FlowControl {
  return new MaxInFlight(limits);
}

class MaxInFlight implements FlowControl {
  readonly #limits: InFlightLimits;
  readonly #underWay = { readOnly: 0, mutating: 0 };

  constructor(limits: InFlightLimits) {
    this.#limits = limits;
  }

  serve(request: ArrivedRequest, user: User, answer: () => Promise<void> | void): Promise<void> | void {
    const asked = classOf(request);
    if (asked.verb === 'watch' || isLongRunning(asked)) return answer();
    const kind = isMutating(asked) ? 'mutating' : 'readOnly';
    const limit = this.#limits[kind];
    if (limit === 0) return answer();
    if (this.#underWay[kind] >= limit) return user.groups.includes('system:masters') ? answer() : refuse(request, 1);
    return this.#count(kind, answer);
  }

  render(): string {
    return '';
  }

  #count(kind: keyof InFlightLimits, answer: () => Promise<void> | void): Promise<void> | void {
    this.#underWay[kind]++;
    let answering: Promise<void> | void;
    try {
      answering = answer();
    } catch (error) {
      this.#underWay[kind]--;
      throw error;
    }
    if (!answering) return void this.#underWay[kind]--;
    return answering.finally(() => void this.#underWay[kind]--);
  }
}
