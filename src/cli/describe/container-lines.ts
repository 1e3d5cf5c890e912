import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  Probe,
  ResourceRequirements,
} from '../../api/core/container.ts';
import type { ContainerState, ContainerStatus } from '../../api/core/pod.ts';
import { boolText, longTime } from './meta-lines.ts';
import type { DescribeWriter } from './describe-writer.ts';

/** A container, ephemeral ones included. */
export type ShownContainer = Omit<Container, 'terminationMessagePath' | 'terminationMessagePolicy'>;

/** What descriptions of containers need beside them. */
export interface ContainerContext {
  readonly title: string;
  readonly containers: readonly ShownContainer[];
  readonly statuses?: readonly ContainerStatus[] | undefined;
  /** `'  '` inside a pod template. */
  readonly space: string;
  /** The value of a variable that comes from a field of the pod; templates have none. */
  readonly resolve?: (env: EnvVar, container: ShownContainer) => string;
}

/** A list of containers with their state. */
export function writeContainers(writer: DescribeWriter, context: ContainerContext): void {
  const { title, containers, statuses, space } = context;
  writer.line(0, `${space}${title}:${containers.length === 0 ? ' <none>' : ''}`);
  for (const container of containers) {
    const status = statuses?.find((one) => one.name === container.name);
    writeBasics(writer, container, { status, space });
    writeWords(writer, 'Command', container.command);
    writeWords(writer, 'Args', container.args);
    if (status) writeState(writer, status);
    writeResources(writer, 2, container.resources);
    if (container.livenessProbe) writer.line(2, `Liveness:\t${probeText(container.livenessProbe)}`);
    if (container.readinessProbe) writer.line(2, `Readiness:\t${probeText(container.readinessProbe)}`);
    if (container.startupProbe) writer.line(2, `Startup:\t${probeText(container.startupProbe)}`);
    if (container.envFrom?.length) writeEnvFrom(writer, container.envFrom);
    writeEnv(writer, container, context.resolve);
    writeMounts(writer, container);
  }
}

function writeBasics(
  writer: DescribeWriter,
  container: ShownContainer,
  { status, space }: { readonly status: ContainerStatus | undefined; readonly space: string },
): void {
  writer.line(1, `${space === '' ? '' : ' '}${container.name}:`);
  if (status) writer.line(2, `Container ID:\t${status.containerID ?? ''}`);
  writer.line(2, `Image:\t${container.image ?? ''}`);
  if (status) writer.line(2, `Image ID:\t${status.imageID}`);
  const ports = container.ports ?? [];
  const listed = (number: (port: ContainerPort) => number): string =>
    ports.map((port) => `${number(port)}/${port.protocol}${port.name ? ` (${port.name})` : ''}`).join(', ') || '<none>';
  const plural = ports.length > 1 ? 's' : '';
  writer.line(2, `Port${plural}:\t${listed((port) => port.containerPort)}`);
  writer.line(2, `Host Port${plural}:\t${listed((port) => port.hostPort ?? 0)}`);
  const profile = container.securityContext?.seccompProfile;
  if (profile) writer.line(2, `SeccompProfile:\t${profile.type}`);
  if (profile?.type === 'Localhost') writer.line(3, `LocalhostProfile:\t${profile.localhostProfile ?? ''}`);
}

function writeWords(writer: DescribeWriter, title: string, words: readonly string[] | undefined): void {
  if (!words?.length) return;
  writer.line(2, `${title}:`);
  for (const word of words) for (const line of word.split('\n')) writer.line(3, line);
}

function writeState(writer: DescribeWriter, status: ContainerStatus): void {
  writeOneState(writer, 'State', status.state);
  if (status.lastState?.terminated) writeOneState(writer, 'Last State', status.lastState);
  writer.line(2, `Ready:\t${boolText(status.ready)}`);
  writer.line(2, `Restart Count:\t${status.restartCount}`);
}

function writeOneState(writer: DescribeWriter, title: string, state: ContainerState = {}): void {
  const { running, waiting, terminated } = state;
  if (running) {
    writer.line(2, `${title}:\tRunning`);
    writer.line(3, `Started:\t${longTime(running.startedAt)}`);
  } else if (terminated && !waiting) {
    writer.line(2, `${title}:\tTerminated`);
    if (terminated.reason) writer.line(3, `Reason:\t${terminated.reason}`);
    if (terminated.message) writer.line(3, `Message:\t${terminated.message}`);
    writer.line(3, `Exit Code:\t${terminated.exitCode}`);
    if (terminated.signal) writer.line(3, `Signal:\t${terminated.signal}`);
    writer.line(3, `Started:\t${longTime(terminated.startedAt)}`);
    writer.line(3, `Finished:\t${longTime(terminated.finishedAt)}`);
  } else {
    writer.line(2, `${title}:\tWaiting`);
    if (waiting?.reason) writer.line(3, `Reason:\t${waiting.reason}`);
  }
}

/** Limits and requests. */
export function writeResources(
  writer: DescribeWriter,
  level: number,
  resources: ResourceRequirements | undefined,
): void {
  for (const [title, amounts] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const names = Object.keys(amounts ?? {}).toSorted();
    if (names.length > 0) writer.line(level, `${title}:`);
    for (const name of names) writer.line(level + 1, `${name}:\t${amounts?.[name]}`);
  }
}

/** A probe in one line. */
export function probeText(probe: Probe): string {
  const attributes = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`;
  if (probe.exec) return `exec [${(probe.exec.command ?? []).join(' ')}] ${attributes}`;
  if (probe.httpGet) {
    const { scheme, host = '', port, path } = probe.httpGet;
    return `http-get ${(scheme ?? 'HTTP').toLowerCase()}://${hostPort(host, port)}${path ?? ''} ${attributes}`;
  }
  if (probe.tcpSocket) return `tcp-socket ${probe.tcpSocket.host ?? ''}:${probe.tcpSocket.port} ${attributes}`;
  if (probe.grpc) return `grpc <pod>:${probe.grpc.port} ${probe.grpc.service ?? ''} ${attributes}`;
  return `unknown ${attributes}`;
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function writeEnvFrom(writer: DescribeWriter, sources: readonly EnvFromSource[]): void {
  writer.line(2, 'Environment Variables from:');
  for (const source of sources) {
    const kind = source.configMapRef ? 'ConfigMap' : 'Secret';
    const reference = source.configMapRef ?? source.secretRef;
    const prefix = source.prefix ? ` with prefix '${source.prefix}'` : '';
    writer.line(3, `${reference?.name ?? ''}\t${kind}${prefix}\tOptional: ${reference?.optional ?? false}`);
  }
}

function writeEnv(writer: DescribeWriter, container: ShownContainer, resolve: ContainerContext['resolve']): void {
  const env = container.env ?? [];
  writer.line(2, `Environment:${env.length === 0 ? '\t<none>' : ''}`);
  for (const one of env) {
    if (one.valueFrom) writer.line(3, `${one.name}:\t${sourceText(one, resolve?.(one, container) ?? '')}`);
    else
      (one.value ?? '').split('\n').forEach((line, at) => writer.line(3, `${at === 0 ? `${one.name}:` : ''}\t${line}`));
  }
}

function sourceText({ valueFrom }: EnvVar, value: string): string {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  if (fieldRef) return `${value} (${fieldRef.apiVersion ?? 'v1'}:${fieldRef.fieldPath})`;
  if (resourceFieldRef) return `${value} (${resourceFieldRef.resource})`;
  if (secretKeyRef) {
    return `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>\tOptional: ${secretKeyRef.optional ?? false}`;
  }
  if (configMapKeyRef) {
    return `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>\tOptional: ${configMapKeyRef.optional ?? false}`;
  }
  return '';
}

function writeMounts(writer: DescribeWriter, { volumeMounts = [], volumeDevices = [] }: ShownContainer): void {
  writer.line(2, `Mounts:${volumeMounts.length === 0 ? '\t<none>' : ''}`);
  for (const mount of volumeMounts.toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1))) {
    const traits = [mount.readOnly ? 'ro' : 'rw', ...(mount.subPath ? [`path=${JSON.stringify(mount.subPath)}`] : [])];
    writer.line(3, `${mount.mountPath} from ${mount.name} (${traits.join(',')})`);
  }
  if (volumeDevices.length === 0) return;
  writer.line(2, 'Devices:');
  for (const device of volumeDevices) writer.line(3, `${device.devicePath} from ${device.name}`);
}
