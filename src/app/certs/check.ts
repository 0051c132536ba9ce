import { judgeAuthority } from '../../certs/authority.ts';
import { type CertificateFinding, judgePair } from '../../certs/findings.ts';
import { daysLeft, wantedCertificates } from '../../certs/model.ts';
import { ApictlError, messageOf } from '../../core/errors.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { difference, openDoors } from './doors.ts';
import { staleInside } from './inside.ts';
import { findCertificates } from './make.ts';

export interface JudgedCertificate {
  readonly name: string;
  /** What shows it. */
  readonly door: string;
  readonly origin: 'authority' | 'issued' | 'imported';
  /** Null where there is no certificate that can be read. */
  readonly daysLeft: number | null;
  readonly findings: readonly CertificateFinding[];
}

/**
 * Judges every certificate of the project, and with `served` also whether the doors that stand open show what lies in the
 * files. Changes nothing.
 */
export async function checkCertificates(
  world: World,
  project: Project,
  { served }: { readonly served: boolean },
): Promise<JudgedCertificate[]> {
  const { config } = project;
  const nowMs = world.clock.now();
  const wanted = wantedCertificates(config);
  const found = await findCertificates(world, project);
  const standard = { renewBeforeDays: config.tls.renewBeforeDays, nowMs };
  const authority: JudgedCertificate = {
    name: 'ca',
    door: 'signs all others',
    origin: 'authority',
    daysLeft: leftOf(found.authority.certificate, nowMs),
    findings:
      found.authority.certificate === null
        ? [
            {
              code: 'missing',
              found: 'is missing',
              fix: 'Run "apictl certs issue"; "apictl up" does it too.',
            },
          ]
        : judgeAuthority(found.authority, nowMs),
  };
  const unserved = served ? await unservedFindings(world, project) : new Map<string, CertificateFinding>();
  const leaves = wanted.map((want): JudgedCertificate => {
    const pair = found.leaves.find(({ name }) => name === want.name);
    if (pair === undefined) throw new Error(`certificate ${want.name} was not looked at`);
    const stale = unserved.get(want.name);
    return {
      name: want.name,
      door: want.door,
      origin: pair.origin,
      daysLeft: leftOf(pair.certificate, nowMs),
      findings: [...judgePair(pair, want, standard), ...(stale === undefined ? [] : [stale])],
    };
  });
  return [authority, ...leaves];
}

const leftOf = (certificate: Parameters<typeof daysLeft>[0] | 'unreadable' | null, nowMs: number) =>
  certificate === null || certificate === 'unreadable' ? null : daysLeft(certificate, nowMs);

/** What open doors show that is not in their files; an engine that does not answer is no fault of a certificate. */
async function unservedFindings(world: World, project: Project): Promise<Map<string, CertificateFinding>> {
  const containers = await world.engine.containers(project.config.project).catch((thrown: unknown) => {
    if (!(thrown instanceof ApictlError)) throw thrown;
    world.emit({ type: 'note', text: `what the doors show was not compared: ${messageOf(thrown)}` });
    return [];
  });
  const doors = openDoors(project, wantedCertificates(project.config), containers);
  const findings = await Promise.all(
    doors.map(async (door): Promise<[string, CertificateFinding][]> => {
      const { want, container } = door;
      const fix = 'Run "apictl up", which hands it over.';
      try {
        const other = await difference(world, project.root, door);
        if (other === null) return [];
        const found = `is not what ${container.service} shows: that has serial ${other.shown}, the file ${other.file}`;
        return [[want.name, { code: 'not-served', found, fix }]];
      } catch (thrown) {
        if (!(thrown instanceof ApictlError) || thrown.code !== 'TLS_UNREACHABLE') throw thrown;
        return [[want.name, { code: 'not-served', found: `is not shown: ${thrown.message}`, fix }]];
      }
    }),
  );
  const inside = (await staleInside(world, project, containers)).map(
    ({ want, problem }): [string, CertificateFinding] => [
      want.name,
      {
        code: 'not-served',
        found: `is not in use: ${problem}`,
        fix: 'Run "apictl up", which restarts what has another one.',
      },
    ],
  );
  return new Map([...findings.flat(), ...inside]);
}
