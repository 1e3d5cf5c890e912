/** The part of dns-packet that is used; the package has no types of its own. */
declare module 'dns-packet' {
  export interface Question {
    readonly name: string;
    /** `A`, `SRV`, … or `UNKNOWN_<number>`. */
    readonly type: string;
    readonly class: string;
  }
  export interface SoaData {
    readonly mname: string;
    readonly rname: string;
    readonly serial: number;
    readonly refresh: number;
    readonly retry: number;
    readonly expire: number;
    readonly minimum: number;
  }
  export interface SrvData {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    readonly target: string;
  }
  interface Named {
    readonly name: string;
    readonly ttl?: number;
    readonly class?: string;
  }
  export type ResourceRecord = Named &
    (
      | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'PTR' | 'NS'; readonly data: string }
      | { readonly type: 'TXT'; readonly data: string | readonly string[] }
      | { readonly type: 'SRV'; readonly data: SrvData }
      | { readonly type: 'SOA'; readonly data: SoaData }
    );
  export interface Options {
    readonly type: 'OPT';
    readonly name: '.';
    readonly udpPayloadSize: number;
    readonly extendedRcode: number;
    readonly ednsVersion: number;
    readonly flags: number;
    readonly options: readonly unknown[];
  }
  export interface Message {
    readonly id: number;
    readonly type: 'query' | 'response';
    readonly flags: number;
    readonly opcode: string;
    readonly rcode: string;
    readonly questions: readonly Question[];
    readonly answers: readonly (ResourceRecord | Options)[];
    readonly authorities: readonly (ResourceRecord | Options)[];
    readonly additionals: readonly (ResourceRecord | Options)[];
  }
  export function decode(buffer: Buffer): Message;
  export function encode(message: Partial<Message>): Buffer;
  export const RECURSION_DESIRED: number;
  export const answer: {
    encode(record: ResourceRecord | Options): Buffer;
  };
  export const question: {
    decode: ((buffer: Buffer, offset: number) => Question) & { bytes: number };
  };
}
