// Bundles apictl: `node scripts/bundle.mjs [FOLDER]`, which is dist/ where it is not given. Half of a short command's time is
// the loading of modules, so the words of all commands are one file, what they do is a second one that is loaded when a command
// is called, and each large library that only some commands use is a file that is loaded at its first use.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { deedsApart, deedsByName, librariesApart, libraryFile } from './bundle/apart.mjs';
import { deferredBuiltins } from './bundle/deferred-builtins.mjs';
import { deferredFunctions } from './bundle/deferred-functions.mjs';

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
  // Looks for its WebAssembly beside itself.
  external: ['node-sqlite3-wasm'],
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
};

/** CommonJS: Node.js loads it faster than ES modules, and it can be loaded as V8 has compiled it before (bin/compiled.js). */
const program = {
  ...common,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'fileUrl' },
  banner: { js: "const fileUrl = require('node:url').pathToFileURL(__filename).href;" },
  // Every import is one of the program's own files or of Node.js, which need no loader of ES modules.
  supported: { 'dynamic-import': false },
};

/** Libraries that are larger than what a command does itself, and what one of them needs before it. */
const LIBRARIES = [
  'reflect-metadata',
  '@peculiar/x509',
  'age-encryption',
  'dockerode',
  'execa',
  'js-yaml',
  're2js',
  'undici',
  'yaml',
];

/** Deletes of the files in dist/ those that are named. */
function clear(isNamed) {
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && isNamed(path)) rmSync(path);
  }
}

// First, so that none is ever beside a file of which it was not made. V8 compares only the lengths.
mkdirSync(outdir, { recursive: true });
clear((path) => path.endsWith('.compiled'));

const deeds = {};
const words = await build({
  ...program,
  entryPoints: { main: 'src/main.ts' },
  plugins: [deferredFunctions, deedsApart(root, deeds)],
});

const rest = await build({
  ...program,
  stdin: { contents: deedsByName(deeds), resolveDir: root },
  outdir: undefined,
  outfile: join(outdir, 'deeds.cjs'),
  plugins: [librariesApart(LIBRARIES), deferredFunctions, deferredBuiltins],
});

const libraries = await Promise.all(
  LIBRARIES.map((name) =>
    build({
      ...program,
      stdin: { contents: `module.exports = require('${name}');`, resolveDir: root },
      outdir: undefined,
      outfile: join(outdir, libraryFile(name)),
      plugins: [deferredFunctions],
    }),
  ),
);

// What a program imports is ES modules.
const library = await build({
  ...common,
  entryPoints: { library: 'src/library.ts' },
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [deferredFunctions],
  // A CommonJS library calls `require` for Node's own modules, which an ES module does not have.
  banner: {
    js: "import { createRequire as makeRequire } from 'node:module';const require = makeRequire(import.meta.url);",
  },
});

/** Chunks carry their content in their names: those of earlier builds are removed, once the new ones are there. */
const made = new Set(
  [words, rest, ...libraries, library]
    .flatMap(({ metafile }) => Object.keys(metafile.outputs))
    .map((path) => resolve(root, path)),
);
clear((path) => !made.has(path));

const compile = ['scripts/bundle/compile.cjs', outdir, ...LIBRARIES.map(libraryFile)];
execFileSync(process.execPath, compile, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
