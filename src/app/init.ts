import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { starterConfig } from '../config/starter.ts';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Files } from '../core/ports/files.ts';
import { configPath, configWithoutFile, type GlobalOptions } from './project/project.ts';
import type { World } from './world.ts';

/** What `init --json` prints; paths are relative to the folder. */
export const initResultSchema = z.object({
  folder: z.string(),
  written: z.array(z.object({ path: z.string(), what: z.string() })),
  kept: z.array(z.object({ path: z.string(), why: z.string() })).describe('Left as it was.'),
});
export type InitResult = z.output<typeof initResultSchema>;

type Outcome = { readonly path: string } & ({ readonly what: string } | { readonly why: string });

/** What no repository should hold: generated secrets, what can be rendered again, saved data, settings of one machine. */
const IGNORED = ['secrets/', '.apictl/', 'backups/', '.env'];
const GATEWAY_FOLDER = 'kong';
const GATEWAY = `${GATEWAY_FOLDER}/kong.yaml`;
const FILE_MODE = 0o644;

/**
 * Writes the files that a project begins with, and never over one that is there.
 * @throws ApictlError INIT_IN_THE_WAY (64) where `kong` was asked for, cannot be written, and nothing else was; CONFIG_INVALID (64)
 *   where the name of the project is none; FILE_UNUSABLE (8)
 */
export async function init(
  world: Pick<World, 'files' | 'packageRoot' | 'workingFolder' | 'environment'>,
  options: GlobalOptions & { readonly kong: boolean },
): Promise<InitResult> {
  const file = configPath(world, options);
  const folder = dirname(file);
  const isConfigured = await isThere(world.files, folder, basename(file));
  const project = isConfigured ? null : (await configWithoutFile(world, options)).project;
  const gateway = options.kong ? [await writeGateway(world, folder)] : [];
  const outcomes: readonly Outcome[] = [
    await writeConfig(world.files, folder, basename(file), project),
    await writeIgnored(world.files, folder),
    ...gateway,
  ];
  const written = outcomes.flatMap((outcome) => ('what' in outcome ? [outcome] : []));
  const kept = outcomes.flatMap((outcome) => ('why' in outcome ? [outcome] : []));
  const [refused] = gateway;
  if (refused !== undefined && 'why' in refused && written.length === 0) throw inTheWay(folder, refused);
  return { folder, written, kept };
}

/** Also of a link that leads nowhere. */
const isThere = async (files: Files, folder: string, name: string): Promise<boolean> =>
  (await files.list(folder)).includes(name);

async function writeConfig(
  files: Files,
  folder: string,
  name: string,
  project: string | null,
): Promise<Outcome> {
  if (project === null) return { path: name, why: 'it is there already' };
  await files.write(join(folder, name), starterConfig(project), FILE_MODE);
  return { path: name, what: 'the configuration, with the defaults of what is changed first' };
}

/** Adds what is missing to the end, as the file writes its lines. */
async function writeIgnored(files: Files, folder: string): Promise<Outcome> {
  const name = '.gitignore';
  const path = join(folder, name);
  const facts = await files.stat(path);
  const isPlain =
    facts?.kind === 'file' && (await files.realPath(path)) === (await placeOf(files, folder, name));
  if (!isPlain && (await isThere(files, folder, name))) {
    return { path: name, why: `it is no plain file; put ${IGNORED.join(', ')} into it yourself` };
  }
  const text = (await files.read(path))?.toString('utf8') ?? '';
  const lines = new Set(text.split(/\r?\n/).map(withoutSlashes));
  const missing = IGNORED.filter((entry) => !lines.has(withoutSlashes(entry)));
  if (missing.length === 0) return { path: name, why: 'it has every entry' };
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const begun = text === '' || text.endsWith('\n') ? text : `${text}${end}`;
  await files.write(
    path,
    `${begun}${missing.map((entry) => `${entry}${end}`).join('')}`,
    facts?.mode ?? FILE_MODE,
  );
  return { path: name, what: missing.join(', ') };
}

const placeOf = async (files: Files, folder: string, name: string): Promise<string> =>
  join((await files.realPath(folder)) ?? folder, name);

/** `/secrets/`, `secrets` and `secrets/` all keep the folder out. */
const withoutSlashes = (line: string): string => line.trim().replace(/^\//, '').replace(/\/$/, '');

async function writeGateway(
  { files, packageRoot }: Pick<World, 'files' | 'packageRoot'>,
  folder: string,
): Promise<Outcome> {
  const facts = await files.stat(join(folder, GATEWAY_FOLDER));
  if (facts?.kind !== 'folder' && (await isThere(files, folder, GATEWAY_FOLDER)))
    return { path: GATEWAY, why: `${GATEWAY_FOLDER} is no folder` };
  if (facts !== null && (await isThere(files, join(folder, GATEWAY_FOLDER), basename(GATEWAY))))
    return { path: GATEWAY, why: 'it is there already' };
  const packaged = await files.read(join(packageRoot, GATEWAY));
  if (packaged === null) throw new Error(`this installation lacks ${GATEWAY}`);
  await files.write(join(folder, GATEWAY), packaged, FILE_MODE);
  return { path: GATEWAY, what: 'the declared state of the gateway, as packaged' };
}

const inTheWay = (
  folder: string,
  { path, why }: { readonly path: string; readonly why: string },
): ApictlError =>
  new ApictlError({
    code: 'INIT_IN_THE_WAY',
    exitCode: EXIT.usage,
    message: `${path} cannot be written: ${why}`,
    object: join(folder, path),
    hint: 'Nothing was written. Move it away to begin with the packaged one.',
  });
