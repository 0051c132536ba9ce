import { build } from 'esbuild';

/** `node build.mjs [OUTFILE]` */
const outfile = process.argv[2] ?? new URL('./dist/main.mjs', import.meta.url).pathname;

/**
 * One file that runs with nothing beside it. Some libraries are CommonJS and call `require` for Node's own modules:
 * an ES module has no such function, so that one is made at the top.
 */
await build({
  entryPoints: [new URL('./src/main.ts', import.meta.url).pathname],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'linked',
  legalComments: 'none',
  // Optional accelerators and the native driver are left out; the libraries go on without them.
  external: ['pg-native', 'bufferutil', 'utf-8-validate'],
  banner: {
    js: [
      "import { createRequire as gatewayCreateRequire } from 'node:module';",
      "import { fileURLToPath as gatewayFileURLToPath } from 'node:url';",
      "import { dirname as gatewayDirname } from 'node:path';",
      'const require = gatewayCreateRequire(import.meta.url);',
      'const __filename = gatewayFileURLToPath(import.meta.url);',
      'const __dirname = gatewayDirname(__filename);',
    ].join('\n'),
  },
});
