/** What is wrong with a certificate or a key, in the words in which Kong passes on what OpenSSL says. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isVaultReference } from './vault-reference.ts';

/** Where OpenSSL 3 raises an error; Node.js tells the code and the reason, not the place. */
const PLACES: Readonly<Record<string, string>> = {
  'header too long': 'ASN1_get_object:header too long:asn1/asn1_lib.c:105:',
  'wrong tag': 'asn1_check_tlen:wrong tag:asn1/tasn_dec.c:1194:',
};

/** Text that is not PEM is read as DER; what fails first is the header of the outermost ASN.1 object. */
const DER_HEADER =
  'error:680007B:asn1 encoding routines:ASN1_get_object:header too long:asn1/asn1_lib.c:105:';

function openSslText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const parts = /error:0*(?<code>[0-9A-F]+):(?<library>[^:]*):(?<place>[^:]*):(?<reason>.*)$/.exec(
    message,
  )?.groups;
  if (parts?.reason === undefined) return message;
  const place = PLACES[parts.reason] ?? `${parts.place}:${parts.reason}`;
  return `error:${parts.code}:${parts.library}:${place}`;
}

const isPem = (text: string): boolean => text.includes('-----BEGIN ');

const parseCertificate = (text: string): X509Certificate => new X509Certificate(text);
const parseKey = (text: string): KeyObject => createPrivateKey(text);

export function certificateProblem(value: unknown): string | undefined {
  const text = String(value);
  if (isVaultReference(text)) return undefined;
  try {
    parseCertificate(text);
    return undefined;
  } catch (error) {
    return `invalid certificate: x509.new: ${isPem(text) ? openSslText(error) : DER_HEADER}`;
  }
}

export function keyProblem(value: unknown): string | undefined {
  const text = String(value);
  if (isVaultReference(text)) return undefined;
  try {
    parseKey(text);
    return undefined;
  } catch (error) {
    return `invalid key: pkey.new:load_key: ${isPem(text) ? openSslText(error) : DER_HEADER}`;
  }
}

/** Whether a valid certificate and a valid key belong together. */
export function pairProblem(cert: string, key: string): string | undefined {
  if (isVaultReference(cert) || isVaultReference(key)) return undefined;
  return parseCertificate(cert).checkPrivateKey(parseKey(key)) ? undefined : 'certificate does not match key';
}

/** `rsa`, `ec`, ...; undefined for a reference. */
export const keyTypeOf = (cert: string): string | undefined =>
  isVaultReference(cert) ? undefined : parseCertificate(cert).publicKey.asymmetricKeyType;
