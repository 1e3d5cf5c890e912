import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { KeyPair } from '../../machinery/x509/certificate-authority.ts';
import { certificatePeriod } from '../../machinery/x509/certificate-period.ts';
import type { Client } from '../client.ts';
import { requestCertificate } from './request-certificate.ts';
import type { WantedCertificate } from './request-certificate.ts';

/** What keeping a certificate valid takes. */
export interface RotationOptions {
  /** What the log calls it. */
  readonly name: string;
  readonly wanted: WantedCertificate;
  /** The pair of the moment; undefined: one is asked for at once. */
  current(): KeyPair | undefined;
  /** Whether a pair is to be replaced although it does not end yet. Default: none is. */
  isOutdated?(pair: KeyPair): boolean;
  /** Keeps a new one, and brings it into use. */
  replace(pair: KeyPair): void;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** So often it is looked whether somebody else has replaced it, or the machine has slept. */
const lookEvery = 60_000;
const pauseAfterRenewal = 60_000;
const firstPause = 2_000;
const longestPause = 5 * 60_000;

/**
 * Asks for a new certificate before the present one ends, until aborted. What fails is tried again with back-off: a third
 * to a tenth of its life is left. Source: client-go's util/certificate.
 */
export async function rotateCertificate(options: RotationOptions, signal: AbortSignal): Promise<void> {
  const { name, current, clock, random, log } = options;
  let known: KeyPair | undefined;
  let due = 0;
  while (!signal.aborted) {
    const pair = current();
    if (pair !== known || known === undefined) {
      known = pair;
      due = pair === undefined ? 0 : renewalTime(pair.certificate, random);
      if (pair) log.v(2).info('A certificate will be renewed', { certificate: name, at: new Date(due).toISOString() });
    }
    const remaining = pair && options.isOutdated?.(pair) ? 0 : due - clock.now();
    if (remaining <= 0) await replaceCertificate(options, signal);
    // Also after a renewal: what is due again at once, as the signer gives it, must not be asked for without end.
    const pause = remaining <= 0 ? pauseAfterRenewal : Math.min(remaining, lookEvery);
    await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** Between seven and nine tenths of its life, so that nodes that began together do not ask together. Wall-clock ms. */
export function renewalTime(certificate: string, random: Random): number {
  const { notBefore, notAfter } = certificatePeriod(certificate);
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * random.next());
}

/** Asks for a new certificate until there is one, or aborted. */
export async function replaceCertificate(
  options: Omit<RotationOptions, 'current' | 'isOutdated' | 'random'>,
  signal: AbortSignal,
): Promise<void> {
  const { name, wanted, replace, client, clock, log } = options;
  for (let pause = firstPause; !signal.aborted; pause = Math.min(pause * 2, longestPause)) {
    try {
      log.info('Asking for a certificate', { certificate: name, signer: wanted.signerName });
      replace(await requestCertificate(wanted, { client, clock, signal }));
      log.info('A certificate was renewed', { certificate: name });
      return;
    } catch (error) {
      if (signal.aborted) return;
      log.error('A certificate could not be renewed; trying again', { certificate: name, err: messageOf(error) });
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }
}
