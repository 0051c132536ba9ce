import { createPrivateKey, type KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type * as Library from '@peculiar/x509';
import type { AuthorityRequest, CertificateFacts, KeyPair, LeafRequest, X509 } from '../core/ports/x509.ts';
import { digestOf } from './x509-digest.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Loaded at the first certificate that is made, because most runs only read. Its container needs the polyfill first. */
async function library(): Promise<typeof Library> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as never);
  return x509;
}

/** The X509 port: ECDSA on P-256, which every client of the stack speaks and which is fast to make. */
export const peculiarX509: X509 = {
  makeAuthority,
  issue,
  read: (pem) => factsOf(new X509Certificate(pem)),
  split: (pem) => pem.match(CERTIFICATE_BLOCKS)?.map((block) => `${block}\n`) ?? [],
  keyState: (keyPem) => {
    if (/^(?:-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(keyPem)) return 'encrypted';
    try {
      createPrivateKey(keyPem);
      return 'usable';
    } catch {
      return 'unreadable';
    }
  },
  keyMatches: (certificatePem, keyPem) => {
    try {
      return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));
    } catch {
      return false;
    }
  },
  signedBy: (certificatePem, authorityPem) => {
    const authority = new X509Certificate(authorityPem);
    const certificate = new X509Certificate(certificatePem);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  },
  publicAuthorityOf: async (certificatePem) => {
    // Loaded where it is needed: TLS takes longer to load than all else that a short command does.
    const { rootCertificates } = await import('node:tls');
    const certificate = new X509Certificate(certificatePem);
    const found = rootCertificates.find((root) => {
      const authority = new X509Certificate(root);
      return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
    });
    return found === undefined ? null : `${found}\n`;
  },
};

const CERTIFICATE_BLOCKS = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const ANY_PURPOSE = '2.5.29.37.0';

function factsOf(certificate: X509Certificate): CertificateFacts {
  // The declarations call it a list; where the extension is absent there is none.
  const purposes = certificate.keyUsage as string[] | undefined;
  return {
    subject: commonNameOf(certificate.subject),
    issuer: commonNameOf(certificate.issuer),
    serialNumber: certificate.serialNumber,
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    hosts: hostsOf(certificate.subjectAltName),
    fingerprint: certificate.fingerprint256,
    isAuthority: certificate.ca,
    isSelfSigned: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
    isForServers: purposes?.some((purpose) => purpose === SERVER_AUTH || purpose === ANY_PURPOSE) ?? true,
    key: keyFactsOf(certificate.publicKey),
    digest: digestOf(certificate.raw),
  };
}

/** Bits of the curves that Node.js names. */
const CURVE_BITS: Readonly<Record<string, number>> = {
  prime256v1: 256,
  secp256k1: 256,
  secp384r1: 384,
  secp521r1: 521,
  secp224r1: 224,
  prime192v1: 192,
};

function keyFactsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): CertificateFacts['key'] {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  return {
    type: asymmetricKeyType ?? 'unknown',
    bits: modulusLength ?? CURVE_BITS[namedCurve ?? ''] ?? null,
  };
}

async function makeAuthority(request: AuthorityRequest): Promise<KeyPair> {
  const x509 = await library();
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${request.commonName}`,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pem(certificate), keyPem: await keyPem(keys) };
}

async function issue(request: LeafRequest): Promise<KeyPair> {
  const x509 = await library();
  const keys = await makeKeys();
  const authority = new x509.X509Certificate(request.authority.certificatePem);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(request.authority.keyPem),
    ALGORITHM,
    false,
    ['sign'],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${request.commonName}`,
    issuer: authority.subject,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signingKey as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        request.hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  return { certificatePem: pem(certificate), keyPem: await keyPem(keys) };
}

const makeKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;

/** 127 random bits: positive, and never twice. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('hex');
}

const pem = (certificate: Library.X509Certificate): string => `${certificate.toString('pem').trim()}\n`;

async function keyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const { PemConverter } = await library();
  return `${PemConverter.encode(der, 'PRIVATE KEY').trim()}\n`;
}

const commonNameOf = (name: string): string => /CN=([^\n]*)/.exec(name)?.[1] ?? name;

/** `DNS:localhost, IP Address:127.0.0.1` without the kinds. */
const hostsOf = (names: string | undefined): string[] =>
  (names ?? '')
    .split(', ')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')
    .map(shortAddress);

/** Node writes IPv6 addresses in full; `new URL` gives the shortest form, as people write them. */
const shortAddress = (host: string): string =>
  isIP(host) === 6 ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host;
