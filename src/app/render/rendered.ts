import { basename, join, normalize } from 'node:path';
import type { Flavour, Profile } from '../../config/choices.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { ComposeTarget } from '../../core/ports/compose.ts';
import type { Files } from '../../core/ports/files.ts';
import { Secret } from '../../core/secret.ts';
import { secretsOf } from '../../secrets/model.ts';
import { secretsFolder } from '../../secrets/read.ts';
import { readFragments } from '../../stack/fragments/fragments.ts';
import { type DigestContents, outsideMounts, stampStack } from '../../stack/render/digest.ts';
import {
  type RenderedFile,
  type RenderedStack,
  renderStack,
  type Target,
} from '../../stack/render/render-stack.ts';
import { type RenderedSwarm, renderSwarm } from '../../stack/render/swarm/render-swarm.ts';
import { apictlFolder, composeFile, type Project } from '../project/project.ts';
import type { World } from '../world.ts';
import { overrideFile, readOverride } from './override-file.ts';

/** What is known of the engine and of the choice of images when the files are rendered. */
export interface RenderChoice {
  readonly flavour: Flavour;
  readonly profiles: readonly Profile[];
  readonly engineApiVersion: string;
  /** Absent where it decides nothing, or is not known. */
  readonly composeVersion?: string | undefined;
  readonly images: Readonly<Record<string, string>>;
}

/** Renders the project's stack with the digests of everything that it mounts. Writes nothing. */
export async function renderProject(
  world: Pick<World, 'files' | 'environment' | 'packageRoot'>,
  project: Project,
  choice: RenderChoice,
): Promise<RenderedStack> {
  const override = await readOverride(world.files, project.root);
  const stack = await renderedStack(world, project, choice, 'compose');
  return stampStack(stack, await digestContents(world, project, stack, override));
}

/** The same for Docker Swarm. The user's override is Compose's, and says nothing there. Writes nothing. */
export async function renderSwarmProject(
  world: Pick<World, 'files' | 'environment' | 'packageRoot'>,
  project: Project,
  choice: RenderChoice,
): Promise<RenderedSwarm> {
  const stack = await renderedStack(world, project, choice, 'swarm');
  const contents = await digestContents(world, project, stack, null);
  return renderSwarm(stack, project.config.backends.replicas, contents);
}

async function renderedStack(
  world: Pick<World, 'files' | 'packageRoot'>,
  project: Project,
  choice: RenderChoice,
  target: Target,
): Promise<RenderedStack> {
  const fragments = await readFragments(world.files, world.packageRoot);
  const packaged = renderStack({ config: project.config, pins: project.pins, fragments, target, ...choice });
  const has = (folder: string): boolean => packaged.files.some(({ path }) => path.startsWith(folder));
  const own = has(RULES) ? await ownRules(world, project) : [];
  const masks = has(LOGSTASH_FILTERS) ? [await maskProgramFile(project)] : [];
  return { ...packaged, files: [...packaged.files, ...own, ...masks] };
}

const RULES = 'config/prometheus/rules/';
const LOGSTASH_FILTERS = 'config/logstash/filters/';

/** The user's own patterns as Logstash's filter runs them. */
async function maskProgramFile({ config }: Project): Promise<RenderedFile> {
  const { maskPatterns } = config.logging;
  // Loads RE2, which hardly any run needs.
  const programs =
    maskPatterns.length === 0 ? [] : (await import('../../elk/mask-programs.ts')).maskPrograms(maskPatterns);
  return { path: `${LOGSTASH_FILTERS}patterns.json`, content: `${JSON.stringify(programs)}\n`, mode: 0o644 };
}

/** The rule files that the configuration names, beside the packaged ones. @throws ApictlError RULES_INVALID (64) with every problem */
async function ownRules(world: Pick<World, 'files'>, { root, config }: Project): Promise<RenderedFile[]> {
  if (config.alerting.rules.length === 0) return [];
  // Loads a parser of PromQL, which hardly any run needs.
  const { ruleFileProblems } = await import('../../monitoring/rule-file.ts');
  const read = await Promise.all(
    config.alerting.rules.map(async (path) => {
      const content = (await world.files.read(join(root, path)))?.toString('utf8');
      return {
        path,
        content: content ?? '',
        problems:
          content === undefined ? [`${path}: there is no such file`] : ruleFileProblems(path, content),
      };
    }),
  );
  const problems = read.flatMap((file) => file.problems);
  if (problems.length > 0) throw rulesInvalid(problems);
  return read.map(({ path, content }) => ({ path: ownRuleFile(path), content, mode: 0o644 }));
}

/** Where a rule file of the configuration lies among the rendered ones. */
export const ownRuleFile = (path: string): string => `${RULES}own/${basename(path)}`;

const rulesInvalid = (problems: readonly string[]) =>
  new ApictlError({
    code: 'RULES_INVALID',
    exitCode: EXIT.usage,
    message:
      problems.length === 1
        ? `a rule is refused: ${problems[0]}`
        : `the rules have ${problems.length} problems`,
    object: 'alerting.rules',
    details: problems.length === 1 ? [] : problems,
    hint: 'Correct the file; nothing has been written.',
  });

interface RenderedFiles extends Pick<RenderedStack, 'files'> {
  /** Where everything but the file itself lies, so that what is left there of earlier is known. */
  readonly configFolder?: string;
}

/** Writes what differs from what lies there, and removes rendered files that are no longer part of the stack. */
export async function writeRendered(files: Files, folder: string, stack: RenderedFiles): Promise<string[]> {
  const stale = await staleFiles(files, folder, stack);
  for (const path of stale) {
    const file = stack.files.find((candidate) => candidate.path === path);
    if (file === undefined) {
      await files.remove(join(folder, path));
      continue;
    }
    // Containers run as other users and must get through, whatever the umask of the caller is.
    for (const parent of foldersAbove(path)) await files.makeFolder(join(folder, parent), 0o755);
    await files.write(join(folder, path), file.content, file.mode);
  }
  return stale;
}

/** `config`, `config/prometheus` of `config/prometheus/prometheus.yml`. */
const foldersAbove = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

/** The rendered files that are missing, differ or should not be there, as paths below the folder. */
export async function staleFiles(files: Files, folder: string, stack: RenderedFiles): Promise<string[]> {
  const differing = await Promise.all(
    stack.files.map(async ({ path, content }) => {
      const found = await files.read(join(folder, path));
      return found === null || found.toString('utf8') !== content ? [path] : [];
    }),
  );
  const wanted = new Set(stack.files.map(({ path }) => path));
  const surplus = (await filesBelow(files, folder, stack.configFolder ?? 'config')).filter(
    (path) => !wanted.has(path),
  );
  return [...differing.flat(), ...surplus].sort();
}

/** The files at or below a path, as paths relative to the folder. */
export async function filesBelow(files: Files, folder: string, path: string): Promise<string[]> {
  const facts = await files.stat(join(folder, path));
  if (facts === null) return [];
  if (facts.kind !== 'folder') return [path];
  const names = await files.list(join(folder, path));
  return (await Promise.all(names.map((name) => filesBelow(files, folder, `${path}/${name}`)))).flat();
}

async function digestContents(
  world: Pick<World, 'files' | 'environment'>,
  project: Project,
  stack: RenderedStack,
  override: string | null,
): Promise<DigestContents> {
  const { files } = world;
  const mounted = await Promise.all(
    outsideMounts(stack.compose).map((path) => readBelow(files, apictlFolder(project.root), path)),
  );
  const secrets = await Promise.all(
    secretsOf(project.config).map(async ({ name }) => {
      const value = await files.read(join(secretsFolder(project.root), name));
      return [name, new Secret(value?.toString('utf8') ?? '')] as const;
    }),
  );
  return {
    key: Object.fromEntries(secrets)['digest-key'] ?? new Secret(''),
    files: Object.fromEntries(mounted.flat()),
    secrets: Object.fromEntries(secrets),
    override,
    environment: { ...project.dotenv, ...world.environment },
  };
}

/** What Compose is told of the project: the rendered file and the user's override where there is one. */
export async function composeTarget(
  world: Pick<World, 'files'>,
  { root, config }: Project,
): Promise<ComposeTarget> {
  const override = overrideFile(root);
  const hasOverride = (await world.files.stat(override)) !== null;
  return {
    project: config.project,
    files: [composeFile(root), ...(hasOverride ? [override] : [])],
    folder: apictlFolder(root),
  };
}

async function readBelow(files: Files, folder: string, path: string): Promise<[string, Uint8Array][]> {
  const absolute = normalize(join(folder, path));
  const facts = await files.stat(absolute);
  if (facts === null) return [];
  if (facts.kind === 'folder') {
    const names = await files.list(absolute);
    return (await Promise.all(names.map((name) => readBelow(files, folder, `${path}/${name}`)))).flat();
  }
  const content = await files.read(absolute);
  return content === null ? [] : [[path, content]];
}
