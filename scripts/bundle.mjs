// Bundles apictl: `node scripts/bundle.mjs [FOLDER]`, which is dist/ where it is not given. Half of a short command's time is
// the loading of modules, so the words of all commands are one file and the rest is loaded when a command is called.
import { readdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = resolve(process.argv[2] ?? join(root, 'dist'));

const common = {
  absWorkingDir: root,
  outdir,
  bundle: true,
  platform: 'node',
  // ES modules first: of a CommonJS library that is loaded late, a bundle knows only the default export.
  mainFields: ['module', 'main'],
  target: 'node20',
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
};

/**
 * Functions that hardly any run calls, of modules that take longer to load than the request or the help itself: commander
 * starts programs for subcommands that are files, which we have none of; the engine's client speaks SSH, TLS and BuildKit's sessions,
 * and packs folders for builds.
 * Each stays out of the bundle and is loaded at its first call.
 */
const DEFERRED = [
  { owner: 'commander', request: 'node:child_process', load: 'node:child_process', functions: ['spawn'] },
  { owner: 'docker-modem', request: './ssh', load: 'docker-modem/lib/ssh.js' },
  { owner: 'docker-modem', request: 'https', load: 'node:https', functions: ['request'] },
  { owner: 'dockerode', request: './session', load: 'dockerode/lib/session.js' },
  {
    owner: 'dockerode',
    request: './buildkit',
    load: 'dockerode/lib/buildkit.js',
    functions: ['followProgress'],
  },
  { owner: 'dockerode', request: 'tar-fs', load: 'tar-fs', functions: ['pack'] },
  { owner: 'dockerode', request: '@balena/dockerignore', load: '@balena/dockerignore' },
];

const defer = {
  name: 'defer',
  setup: (bundle) => {
    for (const { owner, request, load, functions } of DEFERRED) {
      bundle.onResolve({ filter: new RegExp(`^${request.replaceAll('.', '\\.')}$`) }, ({ importer }) =>
        importer.includes(`/node_modules/${owner}/`)
          ? { path: load, namespace: 'deferred', pluginData: functions }
          : undefined,
      );
    }
    bundle.onResolve({ filter: /./, namespace: 'deferred' }, ({ path }) => ({ path, external: true }));
    bundle.onLoad({ filter: /./, namespace: 'deferred' }, ({ path, pluginData }) => {
      const call = (member) => `(...given) => require(${JSON.stringify(path)})${member}(...given)`;
      return {
        contents:
          pluginData === undefined
            ? `module.exports = ${call('')};`
            : pluginData.map((name) => `exports.${name} = ${call(`.${name}`)};`).join('\n'),
      };
    });
  },
};

/** What the words import when a command is called: the name in dist/ and the source. It is bundled for itself. */
const deeds = {};

const deedsBeside = {
  name: 'deeds-beside',
  setup: (bundle) => {
    bundle.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const source = resolve(resolveDir, path);
      const name = relative(join(root, 'src'), source).replace(/\.ts$/, '');
      deeds[name] = source;
      return { path: `./${name}.js`, external: true };
    });
  },
};

/** CommonJS: Node.js is 10 ms faster with it than with its loader of ES modules. */
const words = await build({
  ...common,
  entryPoints: { main: 'src/main.ts' },
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'mainUrl' },
  banner: { js: "const mainUrl = require('node:url').pathToFileURL(__filename).href;" },
  plugins: [defer, deedsBeside],
});

const modules = {
  ...common,
  format: 'esm',
  splitting: true,
  plugins: [defer],
  // A CommonJS library calls `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';const require = makeRequire(import.meta.url);",
  },
};

const rest = await build({ ...modules, entryPoints: deeds, chunkNames: 'chunks/[name]-[hash]' });

// What a program imports shares no chunk with what the words load: those would fall into more and smaller ones, each to be read.
const library = await build({
  ...modules,
  entryPoints: { library: 'src/library.ts' },
  chunkNames: 'chunks/library/[name]-[hash]',
});

/** Chunks carry their content in their names: those of earlier builds are removed, once the new ones are there. */
const made = new Set(
  [words, rest, library]
    .flatMap(({ metafile }) => Object.keys(metafile.outputs))
    .map((path) => resolve(root, path)),
);
for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !made.has(path)) rmSync(path);
}
