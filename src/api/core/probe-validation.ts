/** Validation of probes and lifecycle hooks. Source: kubernetes' core validation. */
import type { FieldError } from '../../machinery/field-error.ts';
import { forbidden, invalid, required } from '../../machinery/field-error.ts';
import { httpHeaderNameErrors } from '../../machinery/formats.ts';
import type { Container, Lifecycle, LifecycleHandler, Probe } from './container.ts';
import { nonNegative, portOrName, present } from './value-checks.ts';

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;
type Probed = Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe' | 'lifecycle'>;

/** What is wrong with a container's probes and hooks. */
export function probesErrors(container: Probed, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  return [
    ...(lifecycle ? lifecycleErrors(lifecycle, `${path}.lifecycle`) : []),
    ...(livenessProbe ? singleSuccessErrors(livenessProbe, `${path}.livenessProbe`) : []),
    ...(readinessProbe ? readinessErrors(readinessProbe, `${path}.readinessProbe`) : []),
    ...(startupProbe ? singleSuccessErrors(startupProbe, `${path}.startupProbe`) : []),
  ];
}

function lifecycleErrors({ postStart, preStop }: Lifecycle, path: string): FieldError[] {
  return [
    ...(postStart ? handlerErrors(postStart, `${path}.postStart`) : []),
    ...(preStop ? handlerErrors(preStop, `${path}.preStop`) : []),
  ];
}

function singleSuccessErrors(probe: Probe, path: string): FieldError[] {
  const errors = probeErrors(probe, path);
  return probe.successThreshold === 1
    ? errors
    : [...errors, invalid(`${path}.successThreshold`, probe.successThreshold, 'must be 1')];
}

function readinessErrors(probe: Probe, path: string): FieldError[] {
  const grace = probe.terminationGracePeriodSeconds;
  const errors = probeErrors(probe, path);
  if (grace === undefined) return errors;
  return [...errors, invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')];
}

function probeErrors(probe: Probe, path: string): FieldError[] {
  const numbers = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  const grace = probe.terminationGracePeriodSeconds;
  return [
    ...handlerErrors(probe, path),
    ...numbers.flatMap((name) => nonNegative(probe[name], `${path}.${name}`)),
    ...(grace !== undefined && grace <= 0
      ? [invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')]
      : []),
  ];
}

function handlerErrors(handler: Handler, path: string): FieldError[] {
  const kinds = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((kind) => handler[kind]);
  const [first, ...more] = kinds;
  if (first === undefined) return [required(path, 'must specify a handler type')];
  const extra = more.map((kind) => forbidden(`${path}.${kind}`, 'may not specify more than 1 handler type'));
  return [...extra, ...actionErrors(handler, first, `${path}.${first}`)];
}

function actionErrors({ exec, httpGet, tcpSocket, grpc }: Handler, kind: keyof Handler, path: string): FieldError[] {
  if (kind === 'exec') return exec?.command?.length ? [] : [required(`${path}.command`)];
  if (kind === 'tcpSocket') return portOrName(tcpSocket?.port, `${path}.port`);
  if (kind === 'grpc') return portOrName(grpc?.port, `${path}.port`);
  // How long a hook may sleep depends on its pod.
  if (kind === 'sleep') return [];
  if (!httpGet) return [];
  return [
    ...present(httpGet.path, `${path}.path`),
    ...portOrName(httpGet.port, `${path}.port`),
    ...(httpGet.httpHeaders ?? []).flatMap(({ name }) =>
      httpHeaderNameErrors(name).map((detail) => invalid(`${path}.httpHeaders`, name, detail)),
    ),
  ];
}
