import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { type Parsed, parseConfig } from '../../config/parse.ts';
import type { Config, ConfigInput } from '../../config/schema.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Pins } from '../../stack/images/pins.ts';
import { readPins } from '../images/lock/files.ts';
import { readPortMemory, withMemory } from '../ports/memory.ts';
import type { World } from '../world.ts';

/** What the global options say. */
export interface GlobalOptions {
  readonly config?: string | undefined;
  readonly project?: string | undefined;
  /** Values of the configuration that a program lays over all the rest. */
  readonly given?: ConfigInput | undefined;
}

/** The project that a command works on: its folder and its trusted configuration. */
export interface Project {
  /** Absolute path of the project root; nothing outside it is written. */
  readonly root: string;
  /** Absolute path of the configuration file, which need not be there. */
  readonly file?: string;
  readonly config: Config;
  readonly dotenv: Readonly<Record<string, string>>;
  /** The digests that its lock holds published images to. */
  readonly pins?: Pins | undefined;
}

/** The same project with this many backends. */
export const withReplicas = (project: Project, replicas: number): Project => ({
  ...project,
  config: { ...project.config, backends: { ...project.config.backends, replicas } },
});

export const withOneReplicaMore = (project: Project): Project =>
  withReplicas(project, project.config.backends.replicas + 1);

/** Where no other is named. */
export const DEFAULT_FILE = 'apictl.yaml';

export const apictlFolder = (root: string): string => join(root, '.apictl');
/** What the replica is made from that serves while the others are replaced; there only meanwhile. */
export const surgeFile = (root: string): string => join(apictlFolder(root), 'surge.yaml');
export const composeFile = (root: string): string => join(apictlFolder(root), 'compose.yaml');

/** Absolute path of the configuration file, which need not be there. */
export const configPath = (
  { workingFolder }: Pick<World, 'workingFolder'>,
  { config = DEFAULT_FILE }: GlobalOptions,
): string => (isAbsolute(config) ? config : resolve(workingFolder, config));

/**
 * Finds the project root and reads its configuration.
 * @throws ApictlError CONFIG_MISSING, CONFIG_INVALID (64), with every problem as a line of its details.
 */
export async function loadProject(
  world: Pick<World, 'files' | 'environment' | 'workingFolder'>,
  options: GlobalOptions,
  flags: Readonly<Record<string, unknown>> = {},
): Promise<Project> {
  const path = configPath(world, options);
  const root = dirname(path);
  const bytes = await world.files.read(path);
  if (bytes === null && options.config !== undefined) {
    throw new ApictlError({
      code: 'CONFIG_MISSING',
      exitCode: EXIT.usage,
      message: `there is no configuration file ${path}`,
      object: path,
      hint: 'Give --config FILE, or leave it out: without a file everything has a default.',
    });
  }
  const file = bytes === null ? undefined : await readConfigFile(path, bytes.toString('utf8'));
  const { parsed, dotenv } = await resolved(world, root, options, { file, flags });
  if (!parsed.ok) throw invalid(path, await located(bytes, parsed.problems));
  const problems = await problemsOfPatterns(parsed.config.logging.maskPatterns);
  if (problems.length > 0) throw invalid(path, await located(bytes, problems));
  const memory = await readPortMemory(world.files, apictlFolder(root));
  const pins = await readPins(world.files, root, apictlFolder(root));
  return { root, file: path, config: withMemory(parsed.config, memory), dotenv, pins };
}

/**
 * What the options, the environment and `.env` say beside a configuration file, whether there is one or not.
 * @throws ApictlError CONFIG_INVALID (64)
 */
export async function configWithoutFile(
  world: Pick<World, 'files' | 'environment' | 'workingFolder'>,
  options: GlobalOptions,
): Promise<Config> {
  const path = configPath(world, options);
  const { parsed } = await resolved(world, dirname(path), options, { file: undefined, flags: {} });
  if (!parsed.ok) throw invalid(path, parsed.problems);
  return parsed.config;
}

async function resolved(
  world: Pick<World, 'files' | 'environment'>,
  root: string,
  options: GlobalOptions,
  { file, flags }: { readonly file: unknown; readonly flags: Readonly<Record<string, unknown>> },
): Promise<{ readonly parsed: Parsed; readonly dotenv: Readonly<Record<string, string>> }> {
  const dotenv = readDotenv((await world.files.read(join(root, '.env')))?.toString('utf8') ?? '');
  const parsed = parseConfig({
    file,
    dotenv,
    environment: world.environment,
    flags: { ...flags, ...(options.project === undefined ? {} : { project: options.project }) },
    given: options.given,
  });
  return { parsed, dotenv };
}

/** The engine of regular expressions comes with the first pattern. */
async function problemsOfPatterns(patterns: readonly string[]): Promise<readonly string[]> {
  if (patterns.length === 0) return [];
  const { maskPatternProblems } = await import('../../config/mask-patterns.ts');
  return maskPatternProblems(patterns);
}

/** The parser comes with the file: without one there is nothing to parse. */
async function readConfigFile(path: string, text: string): Promise<unknown> {
  const { readYaml } = await import('../../config/yaml-file.ts');
  const file = readYaml(text);
  if (!file.ok) throw invalid(path, file.problems);
  return file.value;
}

/** The problems with their lines in the file. */
async function located(bytes: Buffer | null, problems: readonly string[]): Promise<readonly string[]> {
  if (bytes === null) return problems;
  const { withLines } = await import('../../config/yaml-file.ts');
  return withLines(bytes.toString('utf8'), problems);
}

const readDotenv = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** The file is named where it has one of the problems; those of variables and flags name theirs themselves. */
function invalid(path: string, problems: readonly string[]): ApictlError {
  const isInFile = problems.some((problem) => /^line \d+/.test(problem));
  const subject = `the configuration${isInFile ? ` in ${basename(path)}` : ''}`;
  return new ApictlError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.usage,
    message:
      problems.length === 1
        ? `${subject} has a problem: ${problems[0]}`
        : `${subject} has ${problems.length} problems`,
    object: path,
    details: problems.length === 1 ? [] : problems,
    hint: 'docs/configuration.md describes every key.',
  });
}
