import { judgePair } from '../../certs/findings.ts';
import { daysLeft, wantedCertificates } from '../../certs/model.ts';
import { readCertificates } from '../../certs/read.ts';
import type { Project } from '../project/project.ts';
import type { World } from '../world.ts';
import type { Status } from './model.ts';

/** The stack's certificates and what is wrong with them, as warnings. */
export async function certificateStatus(
  world: World,
  { root, config }: Project,
  isUp: boolean,
): Promise<{ readonly list: Status['certificates']; readonly warnings: string[] }> {
  const wanted = wantedCertificates(config);
  const nowMs = world.clock.now();
  const found = await readCertificates(world, root, wanted);
  const standard = { renewBeforeDays: config.tls.renewBeforeDays, nowMs };
  const list = found.leaves.flatMap(({ name, certificate }) =>
    certificate === null || certificate === 'unreadable'
      ? []
      : [{ name, notAfter: certificate.notAfter.toISOString(), daysLeft: daysLeft(certificate, nowMs) }],
  );
  const warnings = wanted.flatMap((want) => {
    const pair = found.leaves.find(({ name }) => name === want.name);
    // Before the first "up" there is none, which is no news.
    if (pair === undefined || (pair.certificate === null && !isUp)) return [];
    return judgePair(pair, want, standard).map(
      ({ found: what, fix }) => `certificate ${want.name} ${what}. ${fix}`,
    );
  });
  return { list, warnings };
}
