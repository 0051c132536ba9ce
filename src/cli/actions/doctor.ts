import { doctor } from '../../app/doctor.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { checksText } from '../report/checks.ts';

export const doctorAction = async (context: Context) => {
  const result = await doctor(context.world, await openProject(context));
  printResult(context, result, checksText);
  return result.checks.every(({ ok }) => ok) ? EXIT.ok : EXIT.different;
};
