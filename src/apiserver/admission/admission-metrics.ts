/** What is counted of admission, under upstream's names. Source: apiserver's admission/metrics. */
import type { Clock } from '../../base/clock.ts';
import type { Distribution } from '../../base/metrics/distribution.ts';
import type { MetricFamily, MetricRegistry } from '../../base/metrics/metric-registry.ts';
import type { AdmissionRequest } from '../ports.ts';

type Operation = AdmissionRequest['operation'];

/** What is done in a step. */
export type StepType = 'admit' | 'validate';

/** Durations of one step, for every operation, made beforehand. */
export type StepDurations = Readonly<
  Record<Operation, { readonly admitted: Distribution; readonly rejected: Distribution }>
>;

const prefix = 'apiserver_admission';
const bounds = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** Durations of admission: of each plug-in, and of all together. */
export class AdmissionMetrics {
  readonly clock: Clock;
  readonly steps: Readonly<Record<StepType, StepDurations>>;
  readonly #controllers: MetricFamily<Distribution>;

  constructor(metrics: MetricRegistry, clock: Clock) {
    this.clock = clock;
    this.#controllers = metrics.histogram(
      {
        name: `${prefix}_controller_admission_duration_seconds`,
        help: 'Admission controller latency histogram in seconds, identified by name and broken out for each operation and API resource and type (validate or admit).',
        labels: ['name', 'type', 'operation', 'rejected'],
      },
      bounds,
    );
    const steps = metrics.histogram(
      {
        name: `${prefix}_step_admission_duration_seconds`,
        help: 'Admission sub-step latency histogram in seconds, broken out for each operation and API resource and step type (validate or admit).',
        labels: ['type', 'operation', 'rejected'],
      },
      bounds,
    );
    this.steps = { admit: durationsOf(steps, ['admit']), validate: durationsOf(steps, ['validate']) };
  }

  /** Those of a plug-in. */
  controller(name: string, type: StepType): StepDurations {
    return durationsOf(this.#controllers, [name, type]);
  }
}

function durationsOf(family: MetricFamily<Distribution>, labels: readonly string[]): StepDurations {
  const of = (operation: Operation) => ({
    admitted: family.of(...labels, operation, 'false'),
    rejected: family.of(...labels, operation, 'true'),
  });
  return { CREATE: of('CREATE'), UPDATE: of('UPDATE'), DELETE: of('DELETE'), CONNECT: of('CONNECT') };
}
