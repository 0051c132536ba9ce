import { buildProjectImages, planProjectImages, publishedImages } from '../../app/images.ts';
import { choose } from '../../app/up/prepare.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { listImages } from '../../stack/images/list.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';

interface Flags {
  readonly images?: string;
  readonly rebuild?: boolean;
}

export const imagesLs = async (context: Context, flags: Flags) => {
  const { world } = context;
  const project = await openProject(context, { images: flags.images });
  const choice = await choose(world, project, await world.engine.facts());
  const plan = await planProjectImages(world, project, choice);
  const published = choice.flavour === 'official' ? await publishedImages(world, project, choice) : [];
  const rows = await listImages(plan, published, world.engine);
  printResult(context, { flavour: choice.flavour, images: rows }, (result, paint) =>
    table(
      ['IMAGE', 'STATE', 'SIZE', 'REFERENCE'],
      result.images.map(({ name, state, sizeBytes, reference }) => [
        name,
        state === 'missing' ? paint.yellow(state) : state,
        sizeBytes === null ? '-' : bytes(sizeBytes),
        reference,
      ]),
      paint,
    ),
  );
  return EXIT.ok;
};

export const imagesBuild = async (context: Context, flags: Flags) => {
  const { world } = context;
  const project = await openProject(context, { images: flags.images });
  const choice = await choose(world, project, await world.engine.facts());
  const plan = await planProjectImages(world, project, choice);
  const built = await buildProjectImages(world, plan, { rebuild: flags.rebuild === true });
  printResult(context, { flavour: choice.flavour, built }, (result) =>
    result.built.length === 0 ? 'every image is there' : `built ${result.built.join(', ')}`,
  );
  return EXIT.ok;
};
