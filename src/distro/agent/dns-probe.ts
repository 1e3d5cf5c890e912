import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import type { Clock } from '../../base/clock.ts';

/** Which server is asked, for which domain. */
export interface DnsProbe {
  /** The cluster DNS Service's address. */
  readonly server: string;
  readonly domain: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const everyMs = 100;

/** Resolves once the server has told the address of the Service `kubernetes`, or when aborted. */
export async function untilDnsAnswers(probe: DnsProbe): Promise<void> {
  const { clock, signal } = probe;
  while (!signal.aborted && !(await answers(probe))) await clock.sleep(everyMs, signal).catch(() => undefined);
}

function answers({ server, domain, clock }: DnsProbe): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    const timer = clock.after(1_000, () => finish(false));
    const finish = (answered: boolean): void => {
      timer[Symbol.dispose]();
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.close();
      resolve(answered);
    };
    socket.once('error', () => finish(false));
    socket.on('message', (message) => finish((decode(message).answers ?? []).length > 0));
    const question = { type: 'A' as const, class: 'IN' as const, name: `kubernetes.default.svc.${domain}` };
    // Connected, so that a refusal by the proxy is told at once.
    socket.once('connect', () => socket.send(encode({ type: 'query', id: 1, flags: 256, questions: [question] })));
    socket.connect(53, server);
  });
}
