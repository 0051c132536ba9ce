import { ApictlError, EXIT } from '../core/errors.ts';
import type { CertificateFacts } from '../core/ports/x509.ts';
import type { FoundAuthority, FoundCertificate, WantedCertificate } from './model.ts';
import type { FoundCertificates } from './read.ts';

const DAY_MS = 86_400_000;

export interface CertificatePlan {
  readonly makeAuthority: boolean;
  readonly issue: readonly {
    readonly name: string;
    readonly hosts: readonly string[];
    readonly why: string;
  }[];
}

export interface CertificateWishes {
  readonly wanted: readonly WantedCertificate[];
  readonly renewBeforeDays: number;
  readonly nowMs: number;
}

/**
 * The authority is made once; leaves are issued where they are missing, unfit or near their end.
 * @throws ApictlError CA_UNUSABLE (7) when an authority is there that cannot sign: replacing it silently would leave
 *   every client that trusts it in front of a closed door.
 */
export function planCertificates(found: FoundCertificates, wishes: CertificateWishes): CertificatePlan {
  const makeAuthority = found.authority.certificate === null;
  if (!makeAuthority) refuseBrokenAuthority(found.authority, wishes.nowMs);
  const issue = wishes.wanted.flatMap((want) => {
    const leaf = found.leaves.find((candidate) => candidate.name === want.name);
    const why = makeAuthority ? 'new authority' : reasonToIssue(leaf, want, wishes);
    return why === undefined ? [] : [{ name: want.name, hosts: want.hosts, why }];
  });
  return { makeAuthority, issue };
}

export const daysLeft = (certificate: CertificateFacts, nowMs: number): number =>
  Math.floor((certificate.notAfter.getTime() - nowMs) / DAY_MS);

function refuseBrokenAuthority(authority: FoundAuthority, nowMs: number): void {
  const problem =
    authority.certificate === 'unreadable'
      ? 'is not a readable certificate'
      : authority.certificate !== null && authority.certificate.notAfter.getTime() <= nowMs
        ? `expired on ${authority.certificate.notAfter.toISOString().slice(0, 10)}`
        : authority.keyMatches
          ? undefined
          : 'has no matching key beside it';
  if (problem === undefined) return;
  throw new ApictlError({
    code: 'CA_UNUSABLE',
    exitCode: EXIT.secrets,
    message: `the local certificate authority secrets/certs/ca/ca.crt ${problem}`,
    object: 'certificate ca',
    hint: 'Put the right files back, or remove the folder secrets/certs to make a new authority (clients must trust it anew).',
  });
}

function reasonToIssue(
  leaf: FoundCertificate | undefined,
  want: WantedCertificate,
  wishes: CertificateWishes,
): string | undefined {
  if (leaf === undefined || leaf.certificate === null) return 'missing';
  if (leaf.certificate === 'unreadable') return 'not a readable certificate';
  if (!leaf.keyMatches) return 'its key does not match';
  if (!leaf.signedByAuthority) return 'signed by another authority';
  const missing = want.hosts.filter((host) => !leafHosts(leaf).includes(host.toLowerCase()));
  if (missing.length > 0) return `not valid for ${missing.join(', ')}`;
  const left = daysLeft(leaf.certificate, wishes.nowMs);
  return left < wishes.renewBeforeDays ? `${left} days left` : undefined;
}

const leafHosts = (leaf: FoundCertificate): string[] =>
  leaf.certificate === null || leaf.certificate === 'unreadable'
    ? []
    : leaf.certificate.hosts.map((host) => host.toLowerCase());
