import { refuseBrokenAuthority } from './authority.ts';
import { type CertificateFinding, judgePair } from './findings.ts';
import { allHosts, type WantedCertificate } from './model.ts';
import type { FoundCertificates } from './read.ts';

export interface CertificatePlan {
  readonly makeAuthority: boolean;
  /** Another authority signed what is there: clients that trust that one do not trust the one that is made. */
  readonly replacesAuthority: boolean;
  readonly issue: readonly {
    readonly name: string;
    readonly hosts: readonly string[];
    readonly why: string;
  }[];
  /** Imported pairs that are not fit: theirs to replace is the user. */
  readonly unfitImports: readonly (CertificateFinding & { readonly name: string })[];
}

export interface CertificateWishes {
  readonly wanted: readonly WantedCertificate[];
  readonly renewBeforeDays: number;
  readonly nowMs: number;
  /** Names that are issued whatever state they are in, also where they were imported. */
  readonly anew?: readonly string[];
}

/**
 * The authority is made once; leaves are issued where they are missing, unfit or near their end. An imported pair is left
 * alone unless it is named.
 * @throws ApictlError CA_UNUSABLE (7)
 */
export function planCertificates(found: FoundCertificates, wishes: CertificateWishes): CertificatePlan {
  const { anew = [] } = wishes;
  const makeAuthority = found.authority.certificate === null;
  if (!makeAuthority) refuseBrokenAuthority(found.authority, wishes.nowMs);
  const issue: { name: string; hosts: string[]; why: string }[] = [];
  const unfitImports: (CertificateFinding & { name: string })[] = [];
  for (const want of wishes.wanted) {
    const { name } = want;
    const pair = found.leaves.find((candidate) => candidate.name === name);
    const findings = pair === undefined ? [] : judgePair(pair, want, wishes);
    const isKept = pair?.origin === 'imported' && !anew.includes(name);
    if (isKept) {
      unfitImports.push(...findings.map((finding) => ({ ...finding, name })));
      continue;
    }
    const why = anew.includes(name) ? 'asked for' : makeAuthority ? 'new authority' : findings[0]?.found;
    if (why !== undefined) issue.push({ name, hosts: allHosts(want), why });
  }
  // Without an authority on disk, whatever an issued pair leads to is another.
  const replacesAuthority =
    makeAuthority &&
    found.leaves.some(({ origin, trust }) => origin === 'issued' && trust === 'other authority');
  return { makeAuthority, replacesAuthority, issue, unfitImports };
}
