import type { Files } from '../core/ports/files.ts';
import type { CertificateFacts, X509 } from '../core/ports/x509.ts';
import {
  authorityKeyPath,
  authorityPath,
  broughtAuthorityPath,
  certificatePath,
  type FoundAuthority,
  type FoundPair,
  keyPath,
  type WantedCertificate,
} from './model.ts';
import { trustPath } from './trust-path.ts';

export interface FoundCertificates {
  readonly authority: FoundAuthority;
  readonly leaves: readonly FoundPair[];
}

/** The text of a pair, before anything is known of it. */
export interface PairText {
  readonly certificate: string | null;
  readonly key: string | null;
  readonly origin: FoundPair['origin'];
  /** The authority that clients verify it with; null where there is none. */
  readonly authority: string | null;
}

/** What lies on disk for the authority and every wanted leaf. */
export async function readCertificates(
  ports: { readonly files: Files; readonly x509: X509 },
  root: string,
  wanted: readonly Pick<WantedCertificate, 'name'>[],
): Promise<FoundCertificates> {
  const text = async (path: string): Promise<string | null> =>
    (await ports.files.read(path))?.toString('utf8') ?? null;
  const authorityPem = await text(authorityPath(root));
  const authorityKey = await text(authorityKeyPath(root));
  const certificate = readFacts(ports.x509, authorityPem);
  const usableAuthority = certificate === 'unreadable' ? null : authorityPem;
  const leaves = await Promise.all(
    wanted.map(async ({ name }) => {
      const brought = await text(broughtAuthorityPath(root, name));
      return lookAtPair(ports.x509, name, {
        certificate: await text(certificatePath(root, name)),
        key: await text(keyPath(root, name)),
        origin: brought === null ? 'issued' : 'imported',
        authority: brought ?? usableAuthority,
      });
    }),
  );
  return {
    authority: {
      certificate,
      keyMatches:
        usableAuthority !== null &&
        authorityKey !== null &&
        ports.x509.keyMatches(usableAuthority, authorityKey),
    },
    leaves,
  };
}

/** Everything that can be told of a pair without a judgement. */
export function lookAtPair(x509: X509, name: string, pair: PairText): FoundPair {
  const { origin } = pair;
  const [leaf = null, ...chain] = pair.certificate === null ? [] : x509.split(pair.certificate);
  const certificate = pair.certificate === null ? null : readFacts(x509, leaf ?? pair.certificate);
  const chainFacts = chain.map((pem) => readFacts(x509, pem));
  const isReadable = leaf !== null && certificate !== 'unreadable' && !chainFacts.includes('unreadable');
  const trust = isReadable ? trustOf(x509, leaf, chain, pair.authority) : 'incomplete';
  return {
    name,
    certificate: isReadable || certificate === null ? certificate : 'unreadable',
    chain: isReadable ? chainFacts.filter((facts) => facts !== null && facts !== 'unreadable') : [],
    key: isReadable ? keyOf(x509, leaf, pair.key) : 'missing',
    origin,
    // Here is one authority that signs leaves itself: where nothing leads to it, it was another that signed.
    trust: trust === 'incomplete' && isReadable && origin === 'issued' ? 'other authority' : trust,
  };
}

function keyOf(x509: X509, leaf: string, key: string | null): FoundPair['key'] {
  if (key === null) return 'missing';
  const state = x509.keyState(key);
  if (state !== 'usable') return state;
  return x509.keyMatches(leaf, key) ? 'fits' : 'other';
}

function trustOf(
  x509: X509,
  leaf: string,
  chain: readonly string[],
  anchor: string | null,
): FoundPair['trust'] {
  const path = trustPath(x509, leaf, chain, anchor === null ? [] : [anchor]);
  if (path === null) return 'incomplete';
  return path.anchor === anchor ? 'complete' : 'other authority';
}

/** What a text says that should be a certificate; null where there is no text. */
export function readFacts(x509: X509, pem: string | null): CertificateFacts | 'unreadable' | null {
  if (pem === null) return null;
  try {
    return x509.read(pem);
  } catch {
    return 'unreadable';
  }
}

/** The authorities with which every door of the stack is verified: the local one, and those that imported pairs brought along. */
export async function trustedAuthorities(
  files: Files,
  root: string,
  wanted: readonly Pick<WantedCertificate, 'name'>[],
): Promise<string | null> {
  const paths = [authorityPath(root), ...wanted.map(({ name }) => broughtAuthorityPath(root, name))];
  const found = await Promise.all(
    paths.map(async (path) => (await files.read(path))?.toString('utf8') ?? ''),
  );
  const bundle = [...new Set(found.filter((text) => text !== '').map((text) => `${text.trim()}\n`))].join('');
  return bundle === '' ? null : bundle;
}
