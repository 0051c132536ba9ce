import { resolve } from 'node:path';
import { judgePair } from '../../certs/findings.ts';
import { authorityPath, daysLeft, wantedCertificates } from '../../certs/model.ts';
import { lookAtPair } from '../../certs/read.ts';
import { swapPair } from '../../certs/store.ts';
import { trustPath } from '../../certs/trust-path.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { X509 } from '../../core/ports/x509.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import type { World } from '../world.ts';
import { refreshTrust } from './make.ts';
import { refuseStale, type ServedCertificate, serveCertificates } from './reload.ts';
import { refuseUnknown } from './renew.ts';

export interface ImportRequest {
  readonly name: string;
  /** Paths of PEM files, relative to the working folder. The certificate may have its chain behind it. */
  readonly certificate: string;
  readonly key: string;
  readonly chain: string | null;
}

export interface Import {
  readonly name: string;
  readonly serialNumber: string;
  readonly hosts: readonly string[];
  readonly notAfter: string;
  readonly daysLeft: number;
  /** The authority to which it leads. */
  readonly authority: string;
  readonly served: readonly ServedCertificate[];
}

const LOCK_WAIT_SECONDS = 60;

/**
 * Puts the user's own certificate at a door. All that is wrong with it is told before anything is written; one that is near
 * its end is taken with a warning.
 * @throws ApictlError UNKNOWN_CERTIFICATE (64), CERTIFICATE_UNFIT (7), FILE_MISSING (64), LOCKED (11), CERTIFICATE_NOT_SERVED (3)
 */
export async function importCertificate(
  world: World,
  project: Project,
  request: ImportRequest,
): Promise<Import> {
  const { config, root } = project;
  const { name } = request;
  refuseUnknown(project, [name]);
  const want = wantedCertificates(config).find((candidate) => candidate.name === name);
  if (want === undefined) throw new Error(`certificate ${name} is not wanted`);
  const text = async (path: string): Promise<string> => {
    const bytes = await world.files.read(resolve(world.workingFolder, path));
    if (bytes === null) throw fileMissing(path);
    return bytes.toString('utf8');
  };
  const certificatePem = await text(request.certificate);
  const keyPem = await text(request.key);
  const chainPem = request.chain === null ? '' : await text(request.chain);
  const localAuthority = (await world.files.read(authorityPath(root)))?.toString('utf8') ?? null;
  const whole = await arrange(world.x509, certificatePem, chainPem, localAuthority);
  const pair = lookAtPair(world.x509, name, {
    certificate: whole.certificatePem,
    key: keyPem,
    origin: 'imported',
    authority: whole.authorityPem,
  });
  const findings = judgePair(pair, want, {
    renewBeforeDays: config.tls.renewBeforeDays,
    nowMs: world.clock.now(),
  });
  const unfit = findings.filter(({ code }) => code !== 'near-end');
  const { certificate } = pair;
  if (
    unfit.length > 0 ||
    certificate === null ||
    certificate === 'unreadable' ||
    whole.authorityPem === null
  ) {
    throw unfitError(request, unfit);
  }
  for (const { found, fix } of findings) {
    world.emit({ type: 'warning', text: `the certificate ${found}. ${fix}` });
  }
  const broughtAuthorityPem = whole.authorityPem;
  return withLock(world, project, { command: 'certs', waitSeconds: LOCK_WAIT_SECONDS }, async () => {
    const id = certificate.serialNumber.toLowerCase();
    await swapPair(
      world.files,
      { root, name, id },
      { certificatePem: whole.certificatePem, keyPem: ending(keyPem), broughtAuthorityPem },
    );
    await refreshTrust(world, project);
    const containers = await world.engine.containers(config.project);
    const { served, stale } = await serveCertificates(world, project, containers);
    refuseStale(stale);
    return {
      name,
      serialNumber: certificate.serialNumber,
      hosts: certificate.hosts,
      notAfter: certificate.notAfter.toISOString(),
      daysLeft: daysLeft(certificate, world.clock.now()),
      authority: world.x509.read(broughtAuthorityPem).subject,
      served,
    };
  });
}

/**
 * The leaf, behind it what leads to its authority, and that authority: one of the files', a public one or the local one.
 * Null where a link is missing. What is no certificate is left for the judgement.
 */
async function arrange(
  x509: X509,
  certificatePem: string,
  chainPem: string,
  localAuthority: string | null,
): Promise<{ readonly certificatePem: string; readonly authorityPem: string | null }> {
  const [leaf, ...behind] = x509.split(certificatePem);
  const given = [...behind, ...x509.split(chainPem)];
  const isReadable = (pem: string): boolean => {
    try {
      x509.read(pem);
      return true;
    } catch {
      return false;
    }
  };
  if (leaf === undefined || ![leaf, ...given].every(isReadable)) {
    return { certificatePem: ending(`${certificatePem}${chainPem}`), authorityPem: null };
  }
  const found = await Promise.all([leaf, ...given].map(x509.publicAuthorityOf));
  const publicOnes = found.filter((pem) => pem !== null);
  const local = localAuthority === null || !isReadable(localAuthority) ? [] : [localAuthority];
  const path = trustPath(x509, leaf, given, [...publicOnes, ...local]);
  // Clients have the authority already; sending it along would cost each handshake its bytes.
  return {
    certificatePem: [leaf, ...(path?.between ?? given)].map(ending).join(''),
    authorityPem: path?.anchor ?? null,
  };
}

const ending = (pem: string): string => `${pem.trim()}\n`;

const fileMissing = (path: string): ApictlError =>
  new ApictlError({
    code: 'FILE_MISSING',
    exitCode: EXIT.usage,
    message: `there is no file ${path}`,
    object: path,
    hint: 'Give the paths of PEM files with --cert, --key and --chain.',
  });

const unfitError = (
  { name, certificate, key }: ImportRequest,
  findings: readonly { readonly code: string; readonly found: string; readonly fix: string }[],
): ApictlError =>
  new ApictlError({
    code: 'CERTIFICATE_UNFIT',
    exitCode: EXIT.secrets,
    message: `the certificate in ${certificate}, with the key in ${key}, ${
      findings.length === 1 ? findings[0]?.found : `has ${findings.length} faults`
    }`,
    object: `certificate ${name}`,
    details: findings.length === 1 ? [] : findings.map(({ code, found }) => `${code}: ${found}`),
    hint: `Nothing was written: the door ${name} shows what it showed before. ${
      findings.find(({ code }) => code === 'key-encrypted')?.fix ??
      'Give a pair without this with --cert and --key; certificates between it and its authority go into --chain.'
    }`,
  });
