import { resolve } from 'node:path';
import type { ChalkInstance } from 'chalk';
import { type LoadResult, loadImages } from '../../app/images/archive/load.ts';
import { type SaveResult, saveImages } from '../../app/images/archive/save.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { table } from '../report/table.ts';
import { chosenImages } from './images.ts';

interface Flags {
  readonly images?: string;
  readonly profile?: readonly string[];
  readonly packages?: boolean;
}

export const imagesSave = async (context: Context, file: string, flags: Flags) => {
  const { choice, plan, published } = await chosenImages(context, flags);
  const references = [...new Set([...plan.images.map(({ reference }) => reference), ...published])];
  const result = await saveImages(context.world, resolve(context.world.workingFolder, file), {
    flavour: choice.flavour,
    references,
    withPackages: flags.packages !== false,
  });
  if (result.packages === null && flags.packages !== false)
    context.world.emit({
      type: 'warning',
      text: 'apictl does not run from a clone here: no npm packages went along, and the other machine needs an installed apictl',
    });
  printResult(context, result, savedText);
  return EXIT.ok;
};

export const imagesLoad = async (context: Context, file: string) => {
  const project = await openProject(context);
  const result = await loadImages(context.world, resolve(context.world.workingFolder, file), project);
  printResult(context, result, loadedText);
  return EXIT.ok;
};

function savedText(result: SaveResult, paint: ChalkInstance): string {
  return [
    table(
      ['IMAGE', 'SIZE', 'ID'],
      result.images.map(({ reference, sizeBytes, id }) => [reference, bytes(sizeBytes), short(id)]),
      paint,
    ),
    '',
    `${paint.green('saved')} ${result.images.length} images (${result.flavour}, ${result.platform})${andPackages(result)} in ${result.file}, ${bytes(result.sizeBytes)}`,
  ].join('\n');
}

const andPackages = ({ packages }: Pick<SaveResult, 'packages'>): string =>
  packages === null ? '' : ` and ${packages} npm packages`;

function loadedText({ images, flavour, file }: LoadResult, paint: ChalkInstance): string {
  const loaded = images.filter(({ state }) => state === 'loaded').length;
  return [
    table(
      ['IMAGE', 'STATE', 'SIZE', 'ID'],
      images.map(({ reference, state, sizeBytes, id }) => [reference, state, bytes(sizeBytes), short(id)]),
      paint,
    ),
    '',
    loaded === 0
      ? `every image of ${file} was there already, as it was saved`
      : `${paint.green('loaded')} ${loaded} of ${images.length} images, and every one is what was saved; "apictl up --images ${flavour}" runs with them`,
  ].join('\n');
}

/** As `docker images` shows it. */
const short = (id: string): string => id.replace('sha256:', '').slice(0, 12);
