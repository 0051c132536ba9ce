import { isLoopback } from '../config/tls.ts';
import type { CertificateFacts } from '../core/ports/x509.ts';
import { covers } from './hosts.ts';
import { allHosts, daysLeft, type FoundPair, type WantedCertificate } from './model.ts';

/** What is wrong with a pair, and what helps. Both are sentences without their subject, which is the certificate. */
export interface CertificateFinding {
  /** Stable, for programs, as `key-mismatch`. */
  readonly code: string;
  readonly found: string;
  readonly fix: string;
}

/** What a pair is judged by. */
export interface Standard {
  readonly renewBeforeDays: number;
  readonly nowMs: number;
}

interface Judged extends Standard {
  readonly pair: FoundPair;
  readonly want: WantedCertificate;
  /** Null where there is none that can be read: then only the first rules have something to say. */
  readonly leaf: CertificateFacts | null;
}

/** One thing that can be wrong. */
export interface CertificateRule {
  readonly code: string;
  /** For docs/certificates.md: what the user has before them. */
  readonly meaning: string;
  /** What was found, or undefined where this is in order. */
  readonly recognise: (judged: Judged) => string | undefined;
  /** Where another pair of the same kind would not help. */
  readonly fix?: (judged: Judged) => string;
}

/** Below these a key can be broken, or will be before the certificate ends (NIST SP 800-57, the CA/Browser Forum's requirements). */
const LEAST_RSA_BITS = 2048;
const LEAST_EC_BITS = 256;
const STRONG_DIGESTS: ReadonlySet<string> = new Set([
  ...['sha224', 'sha256', 'sha384', 'sha512', 'rsa-pss', 'ed25519', 'ed448'],
]);

const day = (date: Date): string => date.toISOString().slice(0, 10);
const moment = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Everything that can be wrong with a pair, the plainest first. Each is judged for itself: a pair may have several faults. */
export const CERTIFICATE_RULES: readonly CertificateRule[] = [
  {
    code: 'missing',
    meaning: 'there is no certificate',
    recognise: ({ pair }) => (pair.certificate === null ? 'is missing' : undefined),
  },
  {
    code: 'unreadable',
    meaning: 'the file is no PEM certificate, or one of the chain behind it is none',
    recognise: ({ pair }) =>
      pair.certificate === 'unreadable' ? 'is not a readable certificate' : undefined,
  },
  {
    code: 'key-missing',
    meaning: 'there is no key beside the certificate',
    recognise: ({ pair, leaf }) =>
      leaf !== null && pair.key === 'missing' ? 'has no key beside it' : undefined,
  },
  {
    code: 'key-encrypted',
    meaning: 'the key asks for a passphrase, which a service that starts by itself cannot give',
    recognise: ({ pair }) => (pair.key === 'encrypted' ? 'has a key that asks for a passphrase' : undefined),
    fix: ({ want }) =>
      `Take the passphrase off with "openssl pkey -in FILE -out FILE.plain", then "apictl certs import ${want.name}".`,
  },
  {
    code: 'key-unreadable',
    meaning: 'the file beside the certificate is no private key in PEM',
    recognise: ({ pair }) => (pair.key === 'unreadable' ? 'has a key that cannot be read' : undefined),
  },
  {
    code: 'key-mismatch',
    meaning: 'the key belongs to another certificate',
    recognise: ({ pair }) => (pair.key === 'other' ? 'has a key that does not match it' : undefined),
  },
  {
    code: 'expired',
    meaning: 'the certificate has ended',
    recognise: ({ leaf, nowMs }) =>
      leaf !== null && leaf.notAfter.getTime() <= nowMs ? `expired on ${day(leaf.notAfter)}` : undefined,
  },
  {
    code: 'not-yet-valid',
    meaning:
      'the certificate begins later than the clock of this machine says it is: one of the two is wrong',
    recognise: ({ leaf, nowMs }) =>
      leaf !== null && leaf.notBefore.getTime() > nowMs
        ? `is not valid before ${moment(leaf.notBefore)}; the clock of this machine says ${moment(new Date(nowMs))}`
        : undefined,
    fix: (judged) => `Set the clock of this machine right; if it is, ${lowerFirst(replacement(judged))}`,
  },
  {
    code: 'near-end',
    meaning: 'the certificate has fewer days left than `tls.renewBeforeDays`',
    recognise: ({ leaf, nowMs, renewBeforeDays }) => {
      if (leaf === null || leaf.notAfter.getTime() <= nowMs) return undefined;
      const left = daysLeft(leaf, nowMs);
      return left < renewBeforeDays ? `has ${left} days left` : undefined;
    },
  },
  {
    code: 'wrong-authority',
    meaning: 'another authority signed it than the one that clients of this stack trust',
    recognise: ({ pair }) =>
      pair.trust === 'other authority' ? `is signed by another authority${signer(pair)}` : undefined,
  },
  {
    code: 'chain-missing',
    meaning: 'certificates between it and its authority are missing, so that clients cannot verify it',
    recognise: ({ pair, leaf }) =>
      leaf !== null && pair.trust === 'incomplete'
        ? `does not lead to an authority: the certificate of "${(pair.chain.at(-1) ?? leaf).issuer}" is missing`
        : undefined,
    fix: ({ want }) =>
      `Give the certificates in between with "apictl certs import ${want.name} --chain FILE"; the one who signed yours offers them.`,
  },
  {
    code: 'chain-expired',
    meaning: 'a certificate of the chain behind it has ended or has not begun',
    recognise: ({ pair, nowMs }) => {
      const dead = pair.chain.find(
        ({ notBefore, notAfter }) => notAfter.getTime() <= nowMs || notBefore.getTime() > nowMs,
      );
      return dead === undefined
        ? undefined
        : `has a chain with "${dead.subject}", valid from ${day(dead.notBefore)} to ${day(dead.notAfter)} only`;
    },
  },
  {
    code: 'wrong-host',
    meaning: 'it is not valid for a host of `tls.hosts`',
    recognise: ({ leaf, pair, want }) => {
      if (leaf === null) return undefined;
      const absent = missingHosts(leaf, pair, want);
      return absent.length === 0 ? undefined : `is not valid for ${absent.join(', ')}`;
    },
    fix: (judged) =>
      judged.pair.origin === 'imported'
        ? 'Put the hosts that it is for into tls.hosts of apictl.yaml, or import one that is for these.'
        : replacement(judged),
  },
  {
    code: 'wrong-purpose',
    meaning: 'it is an authority that another signed, or one that clients do not take for a server’s',
    recognise: ({ leaf }) => {
      if (leaf === null) return undefined;
      // What tools sign with itself is often marked as an authority too; clients that trust it take it all the same.
      if (leaf.isAuthority && !leaf.isSelfSigned) return 'is an authority, not a server’s';
      return leaf.isForServers ? undefined : 'is not meant for servers';
    },
  },
  {
    code: 'weak-key',
    meaning: 'the key is RSA with less than 2,048 bits, an elliptic curve with less than 256, or DSA',
    recognise: ({ leaf }) => (leaf === null ? undefined : weakKey(leaf)),
  },
  {
    code: 'weak-signature',
    meaning: 'it, or one of its chain, is signed with MD5, SHA-1 or an algorithm that is not known',
    recognise: ({ leaf, pair }) => {
      // What signs itself is trusted for what it is: its own signature proves nothing.
      const weak = [...(leaf === null ? [] : [leaf]), ...pair.chain].find(
        ({ digest, isSelfSigned }) => !isSelfSigned && !STRONG_DIGESTS.has(digest),
      );
      if (weak === undefined) return undefined;
      return weak === leaf
        ? `is signed with ${weak.digest}`
        : `has a chain with "${weak.subject}", signed with ${weak.digest}`;
    },
  },
];

/** Everything that is wrong with a pair; an empty list where it is fit. Pure. */
export function judgePair(
  pair: FoundPair,
  want: WantedCertificate,
  standard: Standard,
): CertificateFinding[] {
  const leaf = pair.certificate === 'unreadable' ? null : pair.certificate;
  const judged = { ...standard, pair, want, leaf };
  return CERTIFICATE_RULES.flatMap(({ code, recognise, fix = replacement }) => {
    const found = recognise(judged);
    return found === undefined ? [] : [{ code, found, fix: fix(judged) }];
  });
}

/** A user's own is replaced by another of the user's own; one of the local authority costs nothing. */
const replacement = ({ pair, want }: Judged): string =>
  pair.origin === 'imported'
    ? `Import its successor with "apictl certs import ${want.name}", or let the local authority issue one with "apictl certs issue ${want.name}".`
    : `Run "apictl certs renew ${want.name}"; "apictl up" does it too.`;

const lowerFirst = (text: string): string => `${text.charAt(0).toLowerCase()}${text.slice(1)}`;

const signer = ({ certificate, chain }: FoundPair): string => {
  const last = chain.at(-1) ?? certificate;
  return last === null || last === 'unreadable' ? '' : `, "${last.issuer}"`;
};

/**
 * Hosts that should be covered and are not. No public authority signs `localhost` or the names inside of the stack, so an
 * imported pair owes the others of `tls.hosts` only; but one of all at least, or nobody could use it.
 */
function missingHosts(leaf: CertificateFacts, pair: FoundPair, want: WantedCertificate): readonly string[] {
  const isAbsent = (host: string): boolean => !covers(leaf.hosts, host);
  if (pair.origin === 'issued') return allHosts(want).filter(isAbsent);
  const owed = [
    ...want.hosts.filter((host) => !isLoopback(host)),
    ...(want.isAskedInside === true ? want.insideHosts : []),
  ].filter(isAbsent);
  return owed.length === 0 && want.hosts.every(isAbsent) ? want.hosts : owed;
}

function weakKey({ key: { type, bits } }: CertificateFacts): string | undefined {
  const least = type.startsWith('rsa') ? LEAST_RSA_BITS : type === 'ec' ? LEAST_EC_BITS : 0;
  if (type === 'dsa') return 'has a DSA key, which clients refuse';
  return bits !== null && bits < least ? `has a ${type.toUpperCase()} key of ${bits} bits only` : undefined;
}
