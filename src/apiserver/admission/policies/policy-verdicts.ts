import { StatusError, reasonCodes } from '../../../base/errors.ts';
import type { StatusReason } from '../../../base/errors.ts';
import type { AdmissionRequest } from '../../ports.ts';
import { refusal } from '../refusal.ts';

/** A verdict of a policy against a request. */
export interface Denial {
  readonly message: string;
  readonly reason: StatusReason;
}

/** A validation that failed, as events tell it. Source: apiserver's policy/validating ValidationFailureValue. */
export interface ValidationFailure {
  readonly message: string;
  readonly policy: string;
  readonly binding: string;
  readonly expressionIndex: number;
  readonly validationActions: readonly string[];
}

/** Failures that are told of one request at most. */
const mostFailures = 50;
/** Characters of an annotation's value from which on it is cut off. */
const longestValue = 10 * 1024;

/** What all policies have come to about a request. All of them are heard before it is refused. */
export class PolicyVerdicts {
  readonly #request: AdmissionRequest;
  readonly #denials: StatusError[] = [];
  readonly #failures: ValidationFailure[] = [];
  readonly #annotations = new Map<string, Set<string>>();

  constructor(request: AdmissionRequest) {
    this.#request = request;
  }

  /** `who` has denied the request. */
  deny(who: string, { message: detail, reason }: Denial): void {
    const message = `${who} denied request: ${detail}`;
    const { message: text, details } = refusal(this.#request, message, [{ message }]);
    const code = reasonCodes[reason as keyof typeof reasonCodes] ?? 422;
    this.#denials.push(new StatusError(reason, text, { code, ...(details ? { details } : {}) }));
  }

  /** A validation whose failure is to be audited has failed. */
  audit(failure: ValidationFailure): void {
    if (this.#request.annotate && this.#failures.length < mostFailures) this.#failures.push(failure);
  }

  /** A policy notes something; of several bindings, what differs is told together. */
  note(policy: string, key: string, value: string): void {
    if (!this.#request.annotate) return;
    const name = `${policy}/${key}`;
    let values = this.#annotations.get(name);
    if (!values) this.#annotations.set(name, (values = new Set()));
    values.add(value.slice(0, longestValue));
  }

  /** Tells what is to be audited; throws StatusError when a policy has denied the request. */
  conclude(): void {
    const { annotate } = this.#request;
    for (const [name, values] of this.#annotations) annotate?.(name, [...values].join(', '));
    if (this.#failures.length > 0)
      annotate?.('validation.policy.admission.k8s.io/validation_failure', JSON.stringify(this.#failures));
    const [first] = this.#denials;
    if (first) throw first;
  }
}
