// The service and the thread of its store as one file each, and beside them its page.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePage } from './bundle-page.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Writes main.mjs, store-worker.mjs and page/ into a folder. The store's native binding stays outside: it cannot be bundled. */
export async function bundle(outdir) {
  await bundlePage(join(outdir, 'page'));
  await build({
    entryPoints: { main: join(here, 'src/main.ts'), 'store-worker': join(here, 'src/store/worker.ts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@duckdb/*'],
    legalComments: 'none',
    logLevel: 'warning',
    // Some of the bundled packages are CommonJS and ask for Node's own modules at run time.
    banner: {
      js: "import { createRequire as bundleCreateRequire } from 'node:module'; const require = bundleCreateRequire(import.meta.url);",
    },
  });
}
