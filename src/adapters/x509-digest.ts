/** Signature algorithms by their object identifier, as RFC 3279, 4055, 5758 and 8410 give them. */
const DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2',
  '1.2.840.113549.1.1.3': 'md4',
  '1.2.840.113549.1.1.4': 'md5',
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.10': 'rsa-pss',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.113549.1.1.14': 'sha224',
  '1.2.840.10040.4.3': 'sha1',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.1': 'sha224',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': 'ed25519',
  '1.3.101.113': 'ed448',
};

/**
 * What a certificate is signed with. Node.js 20 does not say it, and the library that makes certificates takes longer to load
 * than everything else that reads them: these are the three steps into `Certificate ::= SEQUENCE { tbs, signatureAlgorithm, ... }`.
 * @param der the bytes of a certificate that has been parsed already
 */
export function digestOf(der: Uint8Array): string {
  const tbs = element(der, element(der, 0).start);
  const identifier = element(der, element(der, tbs.end).start);
  const oid = dotted(der.subarray(identifier.start, identifier.end));
  return DIGESTS[oid] ?? oid;
}

/** Where the content of a DER element starts and ends. */
function element(der: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const first = der[at + 1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bigEndian(der.subarray(at + 2, at + 2 + lengthBytes));
  const start = at + 2 + lengthBytes;
  return { start, end: start + length };
}

const bigEndian = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);

/** Object identifier: the first byte holds two numbers, the others seven bits each of the following ones. */
function dotted(bytes: Uint8Array): string {
  const [head = 0, ...tail] = bytes;
  const numbers = [Math.floor(head / 40), head % 40];
  let value = 0;
  for (const byte of tail) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  return numbers.join('.');
}
