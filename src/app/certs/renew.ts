import { daysLeft, type FoundPair, wantedCertificates } from '../../certs/model.ts';
import type { FoundCertificates } from '../../certs/read.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { nearestWord } from '../../core/nearest-word.ts';
import type { Project } from '../project/project.ts';
import { withLock } from '../project/session.ts';
import type { World } from '../world.ts';
import { findCertificates, makeCertificates, planProjectCertificates } from './make.ts';
import { refuseStale, type ServedCertificate, serveCertificates } from './reload.ts';

export interface Renewal {
  readonly issued: readonly {
    readonly name: string;
    readonly why: string;
    readonly serialNumber: string;
    readonly notAfter: string;
    readonly daysLeft: number;
  }[];
  /** Names that were looked at and left as they are. */
  readonly kept: readonly string[];
  /** What the doors that stand open show now, compared with the files. */
  readonly served: readonly ServedCertificate[];
}

const LOCK_WAIT_SECONDS = 60;

/**
 * Issues what is missing, unfit or near its end, and the named ones in any case, also in the place of imported pairs.
 * @throws ApictlError UNKNOWN_CERTIFICATE (64), CA_UNUSABLE (7), LOCKED (11), CERTIFICATE_NOT_SERVED (3)
 */
export const issueCertificates = (
  world: World,
  project: Project,
  names: readonly string[],
): Promise<Renewal> => {
  refuseUnknown(project, names);
  return renew(world, project, () => names);
};

/**
 * Renews what is missing, unfit or near its end of the named certificates or of all; with `force` whatever their state.
 * Imported pairs are the user's to renew.
 * @throws ApictlError CERTIFICATE_IMPORTED (64) where one of the named is, and what `issueCertificates` throws
 */
export const renewCertificates = (
  world: World,
  project: Project,
  names: readonly string[],
  force: boolean,
): Promise<Renewal> => {
  refuseUnknown(project, names);
  return renew(
    world,
    project,
    (found) => {
      const imported = found.leaves.filter(({ origin }) => origin === 'imported').map(({ name }) => name);
      const refused = names.find((name) => imported.includes(name));
      if (refused !== undefined) throw importedError(refused);
      if (!force) return [];
      const all = names.length > 0 ? names : found.leaves.map(({ name }) => name);
      return all.filter((name) => !imported.includes(name));
    },
    names,
  );
};

async function renew(
  world: World,
  project: Project,
  anew: (found: FoundCertificates) => readonly string[],
  only: readonly string[] = [],
): Promise<Renewal> {
  return withLock(world, project, { command: 'certs', waitSeconds: LOCK_WAIT_SECONDS }, async () => {
    const found = await findCertificates(world, project);
    const whole = planProjectCertificates(world, project, found, anew(found));
    // A new authority leaves nothing of the old one in place.
    const isMeant = (name: string): boolean =>
      only.length === 0 || whole.makeAuthority || only.includes(name);
    const plan = { ...whole, issue: whole.issue.filter(({ name }) => isMeant(name)) };
    await makeCertificates(world, project, plan);
    const containers = await world.engine.containers(project.config.project);
    const { served, stale } = await serveCertificates(world, project, containers);
    refuseStale(stale);
    const after = await findCertificates(world, project);
    return {
      issued: plan.issue.flatMap(({ name, why }) => issuedRow(world, after, name, why)),
      kept: after.leaves
        .map(({ name }) => name)
        .filter((name) => isMeant(name) && plan.issue.every((issue) => issue.name !== name)),
      served,
    };
  });
}

function issuedRow(world: World, after: FoundCertificates, name: string, why: string): Renewal['issued'] {
  const certificate = after.leaves.find((leaf: FoundPair) => leaf.name === name)?.certificate ?? null;
  if (certificate === null || certificate === 'unreadable') return [];
  const { serialNumber, notAfter } = certificate;
  const left = daysLeft(certificate, world.clock.now());
  return [{ name, why, serialNumber, notAfter: notAfter.toISOString(), daysLeft: left }];
}

/** @throws ApictlError UNKNOWN_CERTIFICATE (64) */
export function refuseUnknown({ config }: Project, names: readonly string[]): void {
  const known = wantedCertificates(config).map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  if (unknown === AUTHORITY) throw authorityError();
  const near = nearestWord(unknown, known);
  throw new ApictlError({
    code: 'UNKNOWN_CERTIFICATE',
    exitCode: EXIT.usage,
    message: `there is no certificate "${unknown}"`,
    object: `certificate ${unknown}`,
    hint: near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`,
  });
}

/** How `certs ls` calls the local authority. */
const AUTHORITY = 'ca';

/** Whoever trusts it must be told of its successor, so no command replaces it by the way. */
const authorityError = (): ApictlError =>
  new ApictlError({
    code: 'CERTIFICATE_IS_AUTHORITY',
    exitCode: EXIT.usage,
    message:
      'ca is the local authority, which signs the other certificates; it is not renewed, and no certificate takes its place',
    object: 'certificate ca',
    hint: 'For a new one remove the folder secrets/certs, say "apictl up", and let every client trust it ("apictl certs trust"). "apictl certs check" says whether it needs one.',
  });

const importedError = (name: string): ApictlError =>
  new ApictlError({
    code: 'CERTIFICATE_IMPORTED',
    exitCode: EXIT.usage,
    message: `${name} is your own certificate, which only you can renew`,
    object: `certificate ${name}`,
    hint: `Import its successor with "apictl certs import ${name}", or say "apictl certs issue ${name}" for one of the local authority.`,
  });
