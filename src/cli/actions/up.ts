import type { UpOptions } from '../../app/up/model.ts';
import { up } from '../../app/up/up.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject } from '../context.ts';
import { printRun } from '../report/run-result.ts';
import { upText } from '../report/up-text.ts';

interface Flags {
  readonly profile?: readonly string[];
  readonly images?: string;
  readonly seed: boolean;
  /** Undefined where neither form was given. */
  readonly freePorts?: boolean;
  readonly build?: boolean;
  readonly pull?: boolean;
  readonly timeout: number;
  readonly timings?: boolean;
  readonly dryRun?: boolean;
  readonly waitLock: number;
}

export const upAction = async (context: Context, services: readonly string[], flags: Flags) => {
  const project = await openProject(context, { profiles: flags.profile, images: flags.images });
  const result = await up(context.world, project, {
    services,
    seed: flags.seed,
    ports: portsWished(flags.freePorts),
    build: flags.build === true,
    pull: flags.pull === true,
    timeoutSeconds: flags.timeout,
    dryRun: flags.dryRun === true,
    waitLockSeconds: flags.waitLock,
  });
  printRun(context, result, (done, paint) => upText(done, paint, flags.timings === true));
  return EXIT.ok;
};

const portsWished = (freePorts: boolean | undefined): UpOptions['ports'] =>
  freePorts === undefined ? 'remembered' : freePorts ? 'free' : 'configured';
