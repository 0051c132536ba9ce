import { isAbsolute, join, resolve } from 'node:path';
import { checkAlerting, tellUnread } from '../../app/alerts/check.ts';
import { planProjectImages } from '../../app/images/images.ts';
import { apictlFolder } from '../../app/project/project.ts';
import { holdingLock } from '../../app/project/session.ts';
import { renderChoice } from '../../app/render/choice.ts';
import { tellOverrideUnused } from '../../app/render/override-file.ts';
import { renderProject, renderSwarmProject, staleFiles, writeRendered } from '../../app/render/rendered.ts';
import { EXIT } from '../../core/errors.ts';
import type { Target } from '../../stack/render/render-stack.ts';
import { type Context, openProject, printResult } from '../context.ts';

interface Flags {
  readonly out?: string;
  readonly profile?: readonly string[];
  readonly images?: string;
  readonly target: Target;
  readonly check?: boolean;
}

export const renderAction = async (context: Context, flags: Flags) => {
  const project = await openProject(context, { profiles: flags.profile, images: flags.images });
  const { world } = context;
  const choice = await renderChoice(world, project);
  const images = await planProjectImages(world, project, { ...choice, target: flags.target });
  const rendering = { ...choice, images: images.references };
  const isSwarm = flags.target === 'swarm';
  const stack = await (isSwarm ? renderSwarmProject : renderProject)(world, project, rendering);
  if (isSwarm) await tellOverrideUnused(world, project);
  const folder =
    flags.out === undefined
      ? apictlFolder(project.root)
      : isAbsolute(flags.out)
        ? flags.out
        : resolve(world.workingFolder, flags.out);
  // Elsewhere nothing but the rendered files is written.
  const remember = flags.out === undefined && flags.check !== true;
  tellUnread(
    context,
    await checkAlerting(world, project, 'model' in stack ? stack.model : stack, { remember }),
  );
  if (flags.check === true) {
    const stale = await staleFiles(world.files, folder, stack);
    printResult(context, { stale }, (result) =>
      result.stale.length === 0
        ? 'every rendered file is current'
        : result.stale.map((path) => `stale: ${join(folder, path)}`).join('\n'),
    );
    return stale.length === 0 ? EXIT.ok : EXIT.different;
  }
  const write = () => writeRendered(world.files, folder, stack);
  // Not from under a run that makes containers of what lies there.
  const written = await (flags.out === undefined
    ? holdingLock(world, project, { command: 'render', waitSeconds: 0 }, write)
    : write());
  printResult(context, { folder, written }, (result) =>
    result.written.length === 0
      ? `${result.folder}: everything is current`
      : result.written.map((path) => join(result.folder, path)).join('\n'),
  );
  return EXIT.ok;
};
