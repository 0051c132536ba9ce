import type { ChalkInstance } from 'chalk';
import { writeBundle } from '../../app/doctor/bundle/bundle.ts';
import type { BundleResult } from '../../app/doctor/bundle/model.ts';
import { doctor } from '../../app/doctor/doctor.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { checksText } from '../report/checks.ts';

export const doctorAction = async (context: Context, flags: { readonly bundle?: string }) => {
  const project = await openProject(context);
  if (flags.bundle !== undefined) {
    printResult(context, await writeBundle(context.world, project, flags.bundle), bundleText);
    return EXIT.ok;
  }
  const result = await doctor(context.world, project);
  printResult(context, result, checksText);
  return result.checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.different;
};

function bundleText(
  { file, sizeBytes, contents, missing, findings }: BundleResult,
  paint: ChalkInstance,
): string {
  return [
    `${paint.green('written')} ${file} (${bytes(sizeBytes)}), readable by you alone`,
    ...contents.map(({ path, what }) => `  ${path}: ${what}`),
    ...missing.map(({ what, why }) => `${paint.yellow('!')} without ${what}: ${why}`),
    ...(findings === 0
      ? []
      : [`${findings} ${findings === 1 ? 'check' : 'checks'} failed: see "apictl doctor"`]),
    `Secrets are masked. Read it before you send it: tar -xzf ${JSON.stringify(file)}`,
  ].join('\n');
}
