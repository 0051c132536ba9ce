import { resolve } from 'node:path';
import { smoke } from '../../app/smoke/smoke.ts';
import { EXIT } from '../../core/errors.ts';
import { junitXml } from '../../smoke/junit.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { checksText } from '../report/checks.ts';

interface Flags {
  readonly junit?: string;
  readonly budget: number;
}

export const smokeAction = async (context: Context, flags: Flags) => {
  const result = await smoke(context.world, await openProject(context), flags.budget);
  if (flags.junit !== undefined) {
    const path = resolve(context.world.workingFolder, flags.junit);
    await context.world.files.write(path, junitXml(result.checks));
  }
  printResult(context, result, checksText);
  return result.checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.unhealthy;
};
