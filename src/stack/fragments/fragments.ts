import { posix } from 'node:path';
import * as z from 'zod';
import { PROFILES } from '../../config/choices.ts';
import { ApictlError, EXIT, messageOf } from '../../core/errors.ts';
import type { Files } from '../../core/ports/files.ts';
import type { TreeMap } from '../render/compose-tree.ts';
import { packagedYaml } from './packaged-yaml.ts';

/**
 * The stack as data: one Compose fragment per service under compose/fragments, what all services share in
 * compose/common.yaml, and the configuration files that the fragments mount. Nothing is resolved here.
 */

const tree = z.record(z.string(), z.any()) as unknown as z.ZodType<TreeMap>;

const present = z.strictObject({
  kind: z.enum(['real', 'substitute']),
  why: z.string().min(1),
  service: tree.default({}),
});
const leftOut = z.strictObject({ kind: z.literal('left out'), why: z.string().min(1) });
const flavourPart = z.discriminatedUnion('kind', [present, leftOut]);

const configMount = z.strictObject({
  /** A folder or a file below the package, as `monitoring/prometheus`. */
  from: z.string().min(1),
  /** Where the container finds it; always read-only. */
  mount: z.string().startsWith('/'),
  /** Files (relative to `from`) whose placeholders are resolved; all others are copied byte for byte. */
  templates: z.array(z.string()).default([]),
  /** Names below `from` that are not mounted. */
  except: z.array(z.string()).default([]),
});
export type ConfigMount = z.output<typeof configMount>;

/** What is laid over a service where a value is there and not false, as TLS at its door. */
const overlay = z.strictObject({
  'x-when': z.string(),
  service: tree.default({}),
  certificates: z.array(z.string()).default([]),
});

/** Shell lines that wait for what Swarm, which knows no start order, does not wait for; one text, or one for each flavour. */
const wait = z.union([
  z.string().min(1),
  z.strictObject({ official: z.string().min(1), embedded: z.string().min(1) }),
]);

/** What differs on Docker Swarm. */
const swarmPart = z.union([
  z.strictObject({
    /** Why it is not there. */
    leftOut: z.string().min(1),
  }),
  z.strictObject({
    /** Stands before the script that is its command. */
    wait: wait.optional(),
    /** Ports of the container that are published; no other is, because Swarm publishes on every address of a node. */
    publish: z.array(z.number().int()).default([]),
    /** Laid over everything else. */
    service: tree.default({}),
  }),
]);

const fragmentSchema = z.strictObject({
  profile: z.enum(PROFILES),
  /** Further profiles that must be selected too. */
  with: z.array(z.enum(PROFILES)).default([]),
  summary: z.string().min(1),
  /** Rendered once per instance, as `<name>-1` to `<name>-N`. */
  replicated: z.literal('backends').optional(),
  service: tree.default({}),
  official: flavourPart,
  embedded: flavourPart,
  configs: z.array(configMount).default([]),
  /** Folders of secrets/certs, mounted at /etc/apictl/certs/<name>. */
  certificates: z.array(z.string()).default([]),
  /** Laid over the service, the later over the earlier, after the flavour's part. */
  overlays: z.array(overlay).default([]),
  /** How it reads them again once they were replaced; absent: its container is made anew. */
  reload: z.enum(['SIGHUP', 'itself']).optional(),
  /** Those of them that it reads at its start only, `reload` or not. */
  readOnce: z.array(z.string()).default([]),
  swarm: swarmPart.optional(),
});

const commonSchema = z.strictObject({
  service: tree,
  official: tree.default({}),
  embedded: tree.default({}),
});

export interface Fragment extends z.output<typeof fragmentSchema> {
  /** The file's name without its ending. */
  readonly name: string;
  /** Where it stands, for messages: `compose/fragments/kong.yaml`. */
  readonly path: string;
}

export interface Fragments {
  /** By profile, then by name. */
  readonly services: readonly Fragment[];
  /** What lies below every service. */
  readonly common: z.output<typeof commonSchema>;
  /** Every file below the fragments' `configs`: path relative to the package -> content. */
  readonly configFiles: Readonly<Record<string, string>>;
}

const FOLDER = 'compose/fragments';
const COMMON = 'compose/common.yaml';

/**
 * Reads the fragments of the package and the configuration files that they mount.
 * @param packageRoot absolute path of the folder that holds compose/, monitoring/ and elk/
 * @throws ApictlError FRAGMENT_INVALID (exit 64) naming the file and every problem in it
 */
export async function readFragments(files: Files, packageRoot: string): Promise<Fragments> {
  const names = (await files.list(posix.join(packageRoot, FOLDER))).filter((name) => name.endsWith('.yaml'));
  if (names.length === 0) throw invalid(FOLDER, ['there is no fragment']);
  const services = await Promise.all(
    names.map(async (fileName): Promise<Fragment> => {
      const path = posix.join(FOLDER, fileName);
      const parsed = parseAs(fragmentSchema, path, await readText(files, packageRoot, path));
      return { ...parsed, name: fileName.replace(/\.yaml$/, ''), path };
    }),
  );
  const common = parseAs(commonSchema, COMMON, await readText(files, packageRoot, COMMON));
  const mounts = services.flatMap((fragment) => fragment.configs.map((config) => ({ fragment, config })));
  const contents = await Promise.all(
    mounts.map(({ fragment, config }) => readConfig(files, packageRoot, fragment.path, config)),
  );
  services.sort((a, b) => PROFILES.indexOf(a.profile) - PROFILES.indexOf(b.profile));
  return { services, common, configFiles: Object.fromEntries(contents.flat()) };
}

async function readConfig(
  files: Files,
  root: string,
  fragmentPath: string,
  config: ConfigMount,
): Promise<[path: string, content: string][]> {
  const found = await filesBelow(files, root, config.from);
  const kept = found.filter((path) => !isExcepted(config, path));
  if (kept.length === 0) throw invalid(fragmentPath, [`configs: there is no file ${config.from}`]);
  return Promise.all(
    kept.map(async (path): Promise<[string, string]> => [path, await readText(files, root, path)]),
  );
}

const isExcepted = (config: ConfigMount, path: string): boolean =>
  config.except.some((name) => {
    const excepted = posix.join(config.from, name);
    return path === excepted || path.startsWith(`${excepted}/`);
  });

/** The files at or below a path, as paths relative to the root. */
async function filesBelow(files: Files, root: string, path: string): Promise<string[]> {
  const facts = await files.stat(posix.join(root, path));
  if (facts === null) return [];
  if (facts.kind !== 'folder') return [path];
  const names = await files.list(posix.join(root, path));
  return (await Promise.all(names.map((name) => filesBelow(files, root, posix.join(path, name))))).flat();
}

async function readText(files: Files, root: string, path: string): Promise<string> {
  const bytes = await files.read(posix.join(root, path));
  if (bytes === null) throw invalid(path, ['the file is missing']);
  return bytes.toString('utf8');
}

/** Path and text -> what it says. The package does not change while a program runs, and one run reads it for more than one rendering. */
const understood = new Map<string, unknown>();

function parseAs<T extends z.ZodType>(schema: T, path: string, text: string): z.output<T> {
  const key = `${path}\0${text}`;
  const before = understood.get(key);
  if (before !== undefined) return before as z.output<T>;
  const value = parseText(schema, path, text);
  understood.set(key, value);
  return value;
}

function parseText<T extends z.ZodType>(schema: T, path: string, text: string): z.output<T> {
  let raw: unknown;
  try {
    raw = packagedYaml(text);
  } catch (thrown) {
    throw invalid(path, [messageOf(thrown)]);
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw invalid(
    path,
    result.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`),
  );
}

function invalid(path: string, details: readonly string[]): ApictlError {
  return new ApictlError({
    code: 'FRAGMENT_INVALID',
    exitCode: EXIT.usage,
    message: `${path} cannot be used: ${details[0]}`,
    object: path,
    hint: 'Correct the file, or restore it from the package.',
    details: details.slice(1),
  });
}
