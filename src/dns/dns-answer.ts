import type { ResourceRecord } from 'dns-packet';

/** The response codes in use. Source: RFC 1035, RFC 6891. */
export const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;

/** What the server says to a question out of its own knowledge. */
export interface DnsAnswer {
  readonly rcode: keyof typeof rcodes;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additionals: readonly ResourceRecord[];
}

/** An answer without records. */
export function bareAnswer(rcode: keyof typeof rcodes): DnsAnswer {
  return { rcode, answers: [], authorities: [], additionals: [] };
}
