import type { Probe } from '../../api/core/container.ts';
import type { ContainerRuntime } from '../cri/container-runtime.ts';
import type { AnyContainer } from '../pod/pod-facts.ts';
import { execProbe } from './exec-probe.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe, urlOf } from './http-probe.ts';
import type { ProbeOutcome } from './probe-outcome.ts';
import { tcpProbe } from './tcp-probe.ts';

/** The container that is probed. */
export interface ProbeTarget {
  readonly containerId: string;
  readonly container: AnyContainer;
  readonly podIP: string;
}

/** Runs a probe once. Rejects only when aborted. */
export type RunProbe = (probe: Probe, target: ProbeTarget, signal: AbortSignal) => Promise<ProbeOutcome>;

/** Probes over the network, and by commands that `runtime` runs. */
export function createRunProbe(runtime: ContainerRuntime): RunProbe {
  return async (probe, { containerId, container, podIP }, signal) => {
    const timeoutMs = probe.timeoutSeconds * 1000;
    const { exec, httpGet, tcpSocket, grpc } = probe;
    if (exec) {
      const command = exec.command ?? [];
      return execProbe(runtime, { containerId, command, timeoutSeconds: probe.timeoutSeconds, signal });
    }
    if (grpc) return grpcProbe({ host: podIP, port: grpc.port, service: grpc.service ?? '', timeoutMs, signal });
    const stated = httpGet?.port ?? tcpSocket?.port ?? 0;
    const port = portNumber(container, stated);
    if (port === undefined) return { ok: false, errored: true, message: `couldn't find port: "${stated}" for pod` };
    if (httpGet) {
      const headers = httpGet.httpHeaders ?? [];
      return httpProbe({ url: urlOf(httpGet, port, podIP), headers, timeoutMs, userAgent: 'kube-probe/1.36', signal });
    }
    if (tcpSocket) return tcpProbe({ host: tcpSocket.host || podIP, port, timeoutMs, signal });
    return { ok: false, errored: true, message: 'missing probe handler' };
  };
}

/** The number of a port that may be named; undefined when the container has no port of that name. */
export function portNumber(container: AnyContainer, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named !== undefined) return named;
  return /^\d+$/.test(port) ? Number(port) : undefined;
}
