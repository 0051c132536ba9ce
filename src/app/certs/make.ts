import { applyCertificatePlan } from '../../certs/apply.ts';
import { wantedCertificates } from '../../certs/model.ts';
import { type CertificatePlan, planCertificates } from '../../certs/plan.ts';
import { type FoundCertificates, readCertificates, trustedAuthorities } from '../../certs/read.ts';
import { writeTrust } from '../../certs/store.ts';
import { step } from '../../core/events.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';

export type CertificateWorld = Pick<World, 'files' | 'x509' | 'clock' | 'emit'>;

export const findCertificates = (
  world: Pick<World, 'files' | 'x509'>,
  { root, config }: Project,
): Promise<FoundCertificates> => readCertificates(world, root, wantedCertificates(config));

/** What is to be issued; `anew` names what is issued whatever state it is in. @throws ApictlError CA_UNUSABLE (7) */
export const planProjectCertificates = (
  world: Pick<World, 'clock'>,
  { config }: Project,
  found: FoundCertificates,
  anew: readonly string[] = [],
): CertificatePlan =>
  planCertificates(found, {
    wanted: wantedCertificates(config),
    renewBeforeDays: config.tls.renewBeforeDays,
    nowMs: world.clock.now(),
    anew,
  });

const REPLACED =
  'secrets/certs/ca was gone, so that a new authority signs all certificates: clients that trusted the old one must trust this one ("apictl certs trust")';

/** Issues what the plan names, each pair swapped as one. Says whether anything was made. */
export async function makeCertificates(
  world: CertificateWorld,
  project: Project,
  plan: CertificatePlan,
): Promise<boolean> {
  const { root, config } = project;
  for (const { name, found, fix } of plan.unfitImports) {
    world.emit({ type: 'warning', text: `the imported certificate ${name} ${found}. ${fix}` });
  }
  const isNeeded = plan.makeAuthority || plan.issue.length > 0;
  if (isNeeded) {
    const what = plan.issue.map(({ name, why }) => `${name} (${why})`).join(', ');
    await step(world.emit, `issue certificates: ${what}`, world.clock.now, () =>
      applyCertificatePlan(plan, world, {
        root,
        project: config.project,
        validDays: config.tls.validDays,
      }),
    );
  }
  if (plan.replacesAuthority) world.emit({ type: 'warning', text: REPLACED });
  const written = await refreshTrust(world, project);
  return isNeeded || written;
}

/** Brings the file of trusted authorities, which services mount, up to date. Says whether it changed. */
export async function refreshTrust(world: Pick<World, 'files'>, { root, config }: Project): Promise<boolean> {
  const bundle = await trustedAuthorities(world.files, root, wantedCertificates(config));
  return bundle !== null && (await writeTrust(world.files, root, bundle));
}
