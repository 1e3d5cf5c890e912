import { ExtendedKeyUsage, KeyUsageFlags } from '@peculiar/x509';

/** Bits of the key usage, by the names that certificates.k8s.io has for them. */
const bits: Readonly<Record<string, KeyUsageFlags>> = {
  signing: KeyUsageFlags.digitalSignature,
  'digital signature': KeyUsageFlags.digitalSignature,
  'content commitment': KeyUsageFlags.nonRepudiation,
  'key encipherment': KeyUsageFlags.keyEncipherment,
  'key agreement': KeyUsageFlags.keyAgreement,
  'data encipherment': KeyUsageFlags.dataEncipherment,
  'cert sign': KeyUsageFlags.keyCertSign,
  'crl sign': KeyUsageFlags.cRLSign,
  'encipher only': KeyUsageFlags.encipherOnly,
  'decipher only': KeyUsageFlags.decipherOnly,
};

/** Object identifiers of extended key usages, in the order in which they stand in a certificate. Source: RFC 5280, 4.2.1.12. */
const oids: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': ExtendedKeyUsage.serverAuth,
  'client auth': ExtendedKeyUsage.clientAuth,
  'code signing': ExtendedKeyUsage.codeSigning,
  'email protection': ExtendedKeyUsage.emailProtection,
  's/mime': ExtendedKeyUsage.emailProtection,
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: ExtendedKeyUsage.timeStamping,
  'ocsp signing': ExtendedKeyUsage.ocspSigning,
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

/** What a key may be used for, as a certificate says it. */
export interface KeyUsages {
  /** Undefined where no bit is set: the extension is left out. */
  readonly flags: KeyUsageFlags | undefined;
  /** Object identifiers. */
  readonly extended: readonly string[];
}

/** What names of certificates.k8s.io mean in a certificate. Throws for an unknown one. */
export function keyUsagesOf(names: readonly string[]): KeyUsages {
  const unknown = names.filter((name) => !Object.hasOwn(bits, name) && !Object.hasOwn(oids, name));
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`);
  const flags = names.reduce<KeyUsageFlags | undefined>((sum, name) => {
    const bit = bits[name];
    return sum === undefined || bit === undefined ? (sum ?? bit) : sum | bit;
  }, undefined);
  const extended = Object.entries(oids).flatMap(([name, oid]) => (names.includes(name) ? [oid] : []));
  return { flags, extended: [...new Set(extended)] };
}
