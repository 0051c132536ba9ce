import {
  buildProjectImages,
  type PullResult,
  planProjectImages,
  publishedImages,
  pullProjectImages,
} from '../../app/images.ts';
import { choose } from '../../app/up/prepare.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { listImages } from '../../stack/images/list.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';

interface Flags {
  readonly images?: string;
  readonly rebuild?: boolean;
  readonly refresh?: boolean;
}

export const imagesLs = async (context: Context, flags: Flags) => {
  const { world } = context;
  const { choice, plan, published } = await chosenImages(context, flags);
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

export const imagesPull = async (context: Context, flags: Flags) => {
  const { plan, published } = await chosenImages(context, flags);
  const result = await pullProjectImages(context.world, plan, published, {
    refresh: flags.refresh === true,
  });
  printResult(context, result, pulledText);
  return EXIT.ok;
};

export function pulledText({ flavour, pulled }: PullResult): string {
  if (flavour === 'embedded')
    return 'nothing to pull: the embedded flavour takes no image from a registry; "apictl images build" makes its images';
  return pulled.length === 0 ? 'every published image is there' : `pulled ${pulled.join(', ')}`;
}

/** The flavour and profiles that would run, and their images: built here, and published. */
export async function chosenImages(
  context: Context,
  { images, profile }: { readonly images?: string; readonly profile?: readonly string[] },
) {
  const { world } = context;
  const project = await openProject(context, { images, profiles: profile });
  const choice = await choose(world, project, await world.engine.facts());
  const plan = await planProjectImages(world, project, choice);
  const published = choice.flavour === 'official' ? await publishedImages(world, project, choice) : [];
  return { choice, plan, published };
}
