import type { Flavour } from '../../config/choices.ts';
import type { Config } from '../../config/schema.ts';
import type { Base, ContextSource, Recipe } from './model.ts';
import { type Pins, pinned } from './pins.ts';

/** The suite that the embedded images are made of. */
export const DEBIAN_SUITE = 'trixie';
/** The version of PostgreSQL in that suite; names volumes and the folder of its programs. */
export const EMBEDDED_POSTGRES_MAJOR = '17';

const DOCKERFILES = 'compose/images';
const ON_PLATFORM: Base = { kind: 'image', name: 'platform' };

const LOGGING_BUNDLE: ContextSource = {
  from: 'services/logging/dist',
  to: 'dist',
  madeBy: 'npm run build -w services/logging',
};
const GATEWAY_BUNDLE: ContextSource = {
  from: 'services/dev-gateway/dist',
  to: 'dist',
  madeBy: 'npm run build -w services/dev-gateway',
};
const BACKEND: ContextSource = {
  from: 'services/backend',
  to: '.',
  // Made by running its tests, and no part of it.
  ignore: ['**/__pycache__', '**/*.pyc', '**/.pytest_cache', '**/.ruff_cache'],
};

/** One of our own images: its Dockerfile stands in a folder of its name, and it takes the base as a build argument. */
function own(name: string, base: Base, parts: Partial<Recipe> = {}): Recipe {
  return {
    name,
    base,
    dockerfile: `${DOCKERFILES}/${name}/Dockerfile`,
    context: [],
    buildArgs: {},
    usesMachineSources: false,
    isFinal: true,
    keepsModes: false,
    ...parts,
  };
}

const EMBEDDED: readonly Recipe[] = [
  own(
    'debian',
    { kind: 'nothing' },
    {
      dockerfile: null,
      context: [{ from: `${DOCKERFILES}/platform/dpkg.cfg`, to: 'dpkg.cfg' }],
      buildArgs: { SUITE: DEBIAN_SUITE },
      usesMachineSources: true,
      isFinal: false,
    },
  ),
  own(
    'platform',
    { kind: 'image', name: 'debian' },
    {
      context: ['install.sh', 'dpkg.cfg', 'packages'].map((file) => ({
        from: `${DOCKERFILES}/platform/${file}`,
        to: file,
      })),
      usesMachineSources: true,
      isFinal: false,
    },
  ),
  own('postgres', ON_PLATFORM, {
    context: [{ from: `${DOCKERFILES}/postgres/postgres-entrypoint`, to: 'postgres-entrypoint' }],
    buildArgs: { POSTGRES_MAJOR: EMBEDDED_POSTGRES_MAJOR },
  }),
  own('prometheus', ON_PLATFORM),
  own('alertmanager', ON_PLATFORM),
  own('node-exporter', ON_PLATFORM),
  own('postgres-exporter', ON_PLATFORM),
  own('blackbox-exporter', ON_PLATFORM),
  own('dev-gateway', ON_PLATFORM, { context: [GATEWAY_BUNDLE] }),
  own('logging', ON_PLATFORM, { context: [LOGGING_BUNDLE] }),
  own('backend', ON_PLATFORM, { context: [BACKEND] }),
];

const official = ({ config: { versions, registry }, pins = {} }: RecipeInput): readonly Recipe[] => [
  own('logging', published(pinned(`node:${versions.node}`, registry.mirror, pins)), {
    context: [LOGGING_BUNDLE],
  }),
  own('backend', published(pinned(`python:${versions.python}`, registry.mirror, pins)), {
    dockerfile: 'services/backend/Dockerfile',
    context: [BACKEND],
  }),
];

const published = (reference: string): Base => ({ kind: 'published', reference });

export interface RecipeInput {
  readonly flavour: Flavour;
  readonly config: Pick<Config, 'versions' | 'backends' | 'registry'>;
  /** Absolute path that the configuration's build context is relative to. */
  readonly projectRoot: string;
  /** The digests that published references are held to. */
  readonly pins?: Pins | undefined;
}

/** The recipes of a flavour, bases first; the packaged backend makes room for the user's own. */
export function recipesFor(input: RecipeInput): readonly Recipe[] {
  const { flavour, config, projectRoot } = input;
  const recipes = flavour === 'embedded' ? EMBEDDED : official(input);
  const { image, build } = config.backends;
  if (image === undefined && build === undefined) return recipes;
  const others = recipes.filter(({ name }) => name !== 'backend');
  if (image !== undefined || build === undefined) return others;
  const context = resolveBelow(projectRoot, build.context);
  return [
    ...others,
    own(
      'backend',
      { kind: 'nothing' },
      {
        dockerfile: resolveBelow(context, build.dockerfile),
        context: [{ from: context, to: '.' }],
        buildArgs: build.args,
        keepsModes: true,
      },
    ),
  ];
}

const resolveBelow = (folder: string, path: string): string =>
  path.startsWith('/') ? path : `${folder.replace(/\/$/, '')}/${path.replace(/^(\.\/)+|^\.$/, '')}`;
