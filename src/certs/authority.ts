import { ApictlError, EXIT } from '../core/errors.ts';
import type { CertificateFinding } from './findings.ts';
import { daysLeft, type FoundAuthority } from './model.ts';

/** Every client has to be told of its successor, so it is said a season ahead. */
const AUTHORITY_NEAR_END_DAYS = 90;

const FIX =
  'Put the right files back, or remove the folder secrets/certs to make a new authority (clients must trust it anew).';

/** What is wrong with the local authority; one that is not there yet is no finding, because `up` makes it. */
export function judgeAuthority(authority: FoundAuthority, nowMs: number): CertificateFinding[] {
  const { certificate, keyMatches } = authority;
  if (certificate === null) return [];
  if (certificate === 'unreadable') {
    return [{ code: 'authority-unreadable', found: 'is not a readable certificate', fix: FIX }];
  }
  const findings: CertificateFinding[] = [];
  const left = daysLeft(certificate, nowMs);
  const end = certificate.notAfter.toISOString().slice(0, 10);
  if (certificate.notAfter.getTime() <= nowMs) {
    findings.push({ code: 'authority-expired', found: `expired on ${end}`, fix: FIX });
  } else if (left < AUTHORITY_NEAR_END_DAYS) {
    findings.push({
      code: 'authority-near-end',
      found: `has ${left} days left`,
      fix: `Plan for a new one until ${end}: remove the folder secrets/certs, run "apictl up", and let clients trust it ("apictl certs trust").`,
    });
  }
  if (certificate.notBefore.getTime() > nowMs) {
    findings.push({
      code: 'authority-not-yet-valid',
      found: `is not valid before ${certificate.notBefore.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      fix: 'Set the clock of this machine right: it was ahead when the authority was made, or it is behind now.',
    });
  }
  if (!keyMatches) {
    findings.push({ code: 'authority-key', found: 'has no matching key beside it', fix: FIX });
  }
  return findings;
}

/** With these it cannot sign what a client would accept; the others leave time. */
const UNUSABLE: ReadonlySet<string> = new Set(['authority-unreadable', 'authority-expired', 'authority-key']);

/**
 * @throws ApictlError CA_UNUSABLE (7) when an authority is there that cannot sign: replacing it silently would leave
 *   every client that trusts it in front of a closed door.
 */
export function refuseBrokenAuthority(authority: FoundAuthority, nowMs: number): void {
  const broken = judgeAuthority(authority, nowMs).find(({ code }) => UNUSABLE.has(code));
  if (broken === undefined) return;
  throw new ApictlError({
    code: 'CA_UNUSABLE',
    exitCode: EXIT.secrets,
    message: `the local certificate authority secrets/certs/ca/ca.crt ${broken.found}`,
    object: 'certificate ca',
    hint: FIX,
  });
}
