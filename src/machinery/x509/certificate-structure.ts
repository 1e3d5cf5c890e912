/**
 * What an X.509 certificate is made of, as far as lists of trusted roots ask: without a library, at once, and in browsers too.
 * Source: RFC 5280, section 4.1; refused is what Go's x509.ParseCertificate refuses of its structure.
 */

/** What is read of a certificate. */
export interface CertificateStructure {
  /** It may sign other certificates: its basic constraints say so. */
  readonly isAuthority: boolean;
}

/** One element of a DER encoding. */
interface Element {
  readonly tag: number;
  /** Where its content begins and ends, and where the element itself begins. */
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

const integer = 0x02;
const bitString = 0x03;
const octetString = 0x04;
const objectIdentifier = 0x06;
const boolean = 0x01;
const sequence = 0x30;
const set = 0x31;
const utcTime = 0x17;
const generalizedTime = 0x18;
/** Context-specific tags of the optional parts. */
const [version, issuerId, subjectId, extensions] = [0xa0, 0x81, 0x82, 0xa3];
/** 2.5.29.19. */
const basicConstraints = '55,1d,13';

/** Reads a DER-encoded certificate; undefined where it is none. */
export function readCertificate(der: Uint8Array): CertificateStructure | undefined {
  try {
    const [certificate, ...more] = elements(der, 0, der.length);
    if (certificate?.tag !== sequence || more.length > 0) return undefined;
    const [signed, algorithm, signature] = exactly(der, certificate, [sequence, sequence, bitString]);
    const { inner, isAuthority } = readSigned(der, signed!);
    const isSame = hex(der, inner) === hex(der, algorithm!);
    return isSame && signature!.to > signature!.from ? { isAuthority } : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

class MalformedError extends Error {}

/** The part that is signed: the algorithm that it names, and whether it may sign others. */
function readSigned(der: Uint8Array, signed: Element): { inner: Element; isAuthority: boolean } {
  const parts = elements(der, signed.from, signed.to);
  if (parts[0]?.tag === version) parts.shift();
  const [serial, inner, issuer, validity, subject, key, ...optional] = parts;
  expectTags(
    [serial, inner, issuer, validity, subject, key],
    [integer, sequence, sequence, sequence, sequence, sequence],
  );
  if ((der[serial!.from] ?? 0x80) & 0x80) throw new MalformedError('the serial number is negative');
  for (const name of [issuer!, subject!]) {
    for (const part of elements(der, name.from, name.to)) expectTags([part], [set]);
  }
  const times = elements(der, validity!.from, validity!.to);
  if (times.length !== 2 || times.some(({ tag }) => tag !== utcTime && tag !== generalizedTime)) {
    throw new MalformedError('the validity is malformed');
  }
  exactly(der, key!, [sequence, bitString]);
  for (const { tag } of optional) {
    if (![issuerId, subjectId, extensions].includes(tag)) throw new MalformedError('there is an unknown part');
  }
  const list = optional.find(({ tag }) => tag === extensions);
  return { inner: inner!, isAuthority: list !== undefined && mayAuthorize(der, list) };
}

function mayAuthorize(der: Uint8Array, list: Element): boolean {
  const [all] = exactly(der, list, [sequence]);
  const seen = new Set<string>();
  let isAuthority = false;
  for (const extension of elements(der, all!.from, all!.to)) {
    const [id, ...rest] = extension.tag === sequence ? elements(der, extension.from, extension.to) : [];
    const value = rest.pop();
    expectTags([id, ...rest, value], [objectIdentifier, ...rest.slice(0, 1).map(() => boolean), octetString]);
    const name = hex(der, id!);
    if (seen.has(name)) throw new MalformedError('an extension stands twice');
    seen.add(name);
    if (name === basicConstraints) isAuthority = constraintOf(der, value!);
  }
  return isAuthority;
}

function constraintOf(der: Uint8Array, value: Element): boolean {
  const [constraints, ...more] = elements(der, value.from, value.to);
  if (constraints?.tag !== sequence || more.length > 0) throw new MalformedError('the basic constraints are malformed');
  const parts = elements(der, constraints.from, constraints.to);
  const authority = parts[0]?.tag === boolean ? parts.shift() : undefined;
  if (parts.some(({ tag }) => tag !== integer) || parts.length > 1) {
    throw new MalformedError('the basic constraints are malformed');
  }
  return authority !== undefined && der[authority.from] !== 0;
}

function exactly(der: Uint8Array, parent: Element, tags: readonly number[]): Element[] {
  const found = elements(der, parent.from, parent.to);
  expectTags(found, tags);
  return found;
}

function expectTags(found: readonly (Element | undefined)[], tags: readonly number[]): void {
  if (found.length !== tags.length || found.some((element, index) => element?.tag !== tags[index])) {
    throw new MalformedError('an element is missing or of another type');
  }
}

/** The elements that fill a part of the bytes, without gaps. */
function elements(der: Uint8Array, from: number, to: number): Element[] {
  const found: Element[] = [];
  for (let start = from; start < to; start = found.at(-1)!.to) found.push(elementAt(der, start, to));
  return found;
}

function elementAt(der: Uint8Array, start: number, end: number): Element {
  const tag = der[start]!;
  let from = start + 2;
  let length = der[start + 1] ?? 0x80;
  if (length >= 0x80) {
    const count = length & 0x7f;
    // No certificate is as long as four bytes of length would allow; 0x80 is a length that DER does not know.
    if (count === 0 || count > 3 || from + count > end) throw new MalformedError('a length is malformed');
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + der[from + i]!;
    if (length < 0x80 || length < 256 ** (count - 1)) throw new MalformedError('a length is longer than it need be');
    from += count;
  }
  const to = from + length;
  if ((tag & 0x1f) === 0x1f || to > end) throw new MalformedError('an element is too long');
  return { tag, start, from, to };
}

function hex(der: Uint8Array, { from, to }: Element): string {
  return [...der.subarray(from, to)].map((byte) => byte.toString(16)).join(',');
}
