import { deployedStack, deployedText, refuseDeployed } from '../../app/deploy/deployed.ts';
import { type DownResult, down } from '../../app/down.ts';
import type { Project } from '../../app/project/project.ts';
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

  if (flags.volumes === true) await refuseDeployed(context.world, project);
  const result = await down(context.world, project, {
    volumes: flags.volumes === true,
    graceSeconds: flags.timeout,
    waitLockSeconds: flags.waitLock,
    confirmLoss: async (volumes) => {
      await offerBackup(context, project);
      const list = volumes.map(({ name, sizeBytes }) => `  ${name} (${bytes(sizeBytes)})`).join('\n');
      return context.confirm(`These volumes and all their data will be lost:\n${list}\nRemove them?`);
    },
  });
  const deployed = result.removed.length === 0 ? await deployedStack(context.world, project) : null;
  if (deployed !== null) {
    const said = deployedText(deployed, project.config.project);
    context.emit({ type: 'warning', text: `${said}; "apictl deploy rm" takes it away` });
  }
  printResult(context, result, text);
  return EXIT.ok;
};

/** Whoever said --yes has thought of it. A backup that fails ends it all: nothing is removed. */
async function offerBackup(context: Context, project: Project): Promise<void> {
  if (!context.isInteractive || context.globals.yes === true) return;
  const containers = await context.world.engine.containers(project.config.project);
  if (!containers.some(({ service, state }) => service === 'postgres' && state === 'running')) return;
  if (!(await context.confirm('Save everything in a backup first?'))) return;
  const { backupNow } = await import('./backup.ts');
  await backupNow(context, project);
}

function text({ removed, volumes }: DownResult): string {
  if (removed.length === 0 && volumes.removed.length === 0) return 'nothing was running';
  const kept = volumes.kept.length === 0 ? '' : `; the data of ${volumes.kept.length} volumes stays`;
  const lost = volumes.removed.length === 0 ? '' : ` and ${volumes.removed.length} volumes`;
  return `removed ${removed.length} containers${lost}${kept}`;
}
