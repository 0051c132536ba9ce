import { type DownResult, down } from '../../app/down.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';

interface Flags {
  readonly volumes?: boolean;
  readonly timeout?: number;
  readonly waitLock: number;
}

export const downAction = async (context: Context, flags: Flags) => {
  const project = await openProject(context);
  const result = await down(context.world, project, {
    volumes: flags.volumes === true,
    graceSeconds: flags.timeout,
    waitLockSeconds: flags.waitLock,
    confirmLoss: (volumes) => {
      const list = volumes.map(({ name, sizeBytes }) => `  ${name} (${bytes(sizeBytes)})`).join('\n');
      return context.confirm(`These volumes and all their data will be lost:\n${list}\nRemove them?`);
    },
  });
  printResult(context, result, text);
  return EXIT.ok;
};

function text({ removed, volumes }: DownResult): string {
  if (removed.length === 0 && volumes.removed.length === 0) return 'nothing was running';
  const kept = volumes.kept.length === 0 ? '' : `; the data of ${volumes.kept.length} volumes stays`;
  const lost = volumes.removed.length === 0 ? '' : ` and ${volumes.removed.length} volumes`;
  return `removed ${removed.length} containers${lost}${kept}`;
}
