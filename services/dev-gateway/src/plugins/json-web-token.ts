/** Reads and verifies JSON Web Tokens (RFC 7519) in the compact form. */
import { constants, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';

export interface JsonWebToken {
  readonly algorithm: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signedText: string;
  readonly signature: Buffer;
}

const ALGORITHM = /^(?:(?:HS|RS|ES|PS)(?:256|384|512)|EdDSA)$/;

const parsed = (part: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
};

/** Takes a token apart; answers in Kong's words what is wrong with it. */
export function readToken(token: string): JsonWebToken | string {
  const parts = token.split('.');
  const [header64 = '', claims64 = '', signature64 = ''] = parts;
  const [header, claims] = [parsed(header64), parsed(claims64)];
  if (parts.length !== 3 || header === undefined || claims === undefined) return 'invalid JSON';
  const { alg } = header;
  if (typeof alg !== 'string' || !ALGORITHM.test(alg)) return 'invalid alg';
  const signature = Buffer.from(signature64, 'base64url');
  if (signature.length === 0) return 'invalid signature';
  return { algorithm: alg, header, claims, signedText: `${header64}.${claims64}`, signature };
}

const hashOf = (algorithm: string): string => `sha${algorithm.slice(2)}`;

function isSignedByKey({ algorithm, signedText, signature }: JsonWebToken, pem: string): boolean {
  const key = createPublicKey(pem);
  const data = Buffer.from(signedText);
  if (algorithm === 'EdDSA') return verify(null, data, key, signature);
  if (algorithm.startsWith('ES')) {
    return verify(hashOf(algorithm), data, { key, dsaEncoding: 'ieee-p1363' }, signature);
  }
  const padding = algorithm.startsWith('PS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return verify(hashOf(algorithm), data, { key, padding }, signature);
}

/** @param secret the shared secret of an HS algorithm, the public key in PEM of any other */
export function isSigned(token: JsonWebToken, secret: string | Buffer): boolean {
  if (token.algorithm.startsWith('HS')) {
    const expected = createHmac(hashOf(token.algorithm), secret).update(token.signedText).digest();
    return expected.length === token.signature.length && timingSafeEqual(expected, token.signature);
  }
  try {
    return isSignedByKey(token, String(secret));
  } catch {
    return false;
  }
}
