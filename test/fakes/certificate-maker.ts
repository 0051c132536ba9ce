import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export interface Wish {
  readonly subject: string;
  /** Who signs it; it signs itself where absent. */
  readonly issuer?: Made;
  readonly hosts?: readonly string[];
  readonly isAuthority?: boolean;
  /** RSA of so many bits instead of ECDSA on P-256. */
  readonly rsaBits?: number;
  /** What it is signed with, SHA-256 where absent. */
  readonly hash?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usages, as object identifiers. */
  readonly purposes?: readonly string[];
}

export interface Made {
  /** PEM, without a chain. */
  readonly cert: string;
  readonly key: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly name: string;
}

/** A certificate of any kind, fit or not, made by the library that the program uses. */
export async function makeCertificate(wish: Wish): Promise<Made> {
  x509.cryptoProvider.set(webcrypto as never);
  const { subject, issuer, hosts = [], isAuthority = false, rsaBits, hash = 'SHA-256' } = wish;
  const algorithm =
    rsaBits === undefined
      ? EC
      : {
          name: 'RSASSA-PKCS1-v1_5',
          hash: 'SHA-256',
          modulusLength: rsaBits,
          publicExponent: new Uint8Array([1, 0, 1]),
        };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const signer = issuer?.keys ?? keys;
  const name = `CN=${subject}`;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: issuer?.name ?? name,
    publicKey: keys.publicKey as never,
    signingKey: signer.privateKey as never,
    signingAlgorithm: { name: signer.privateKey.algorithm.name, hash } as never,
    notBefore: wish.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: wish.notAfter ?? new Date(Date.now() + 90 * DAY_MS),
    extensions: [
      ...(isAuthority ? [new x509.BasicConstraintsExtension(true)] : []),
      ...(hosts.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(hosts.map(alternative))]),
      ...(wish.purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...wish.purposes])]),
    ],
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = x509.PemConverter.encode(der, 'PRIVATE KEY');
  return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n`, keys, name };
}

const alternative = (host: string): { type: 'dns' | 'ip'; value: string } => ({
  type: isIP(host) === 0 ? 'dns' : 'ip',
  value: host,
});
