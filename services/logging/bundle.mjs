// The service, the thread of its store and the client of Elasticsearch as one file each, and beside them its page.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundlePage } from './bundle-page.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Half of all the code is Elasticsearch's client: it is read where there is something to ship to. Splitting by esbuild would do as much,
 * but gives a CommonJS package that is imported at run time another shape.
 */
const ELASTICSEARCH_AT_NEED = {
  name: 'elasticsearch-at-need',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/elasticsearch\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './elasticsearch.mjs', external: true } : undefined,
    ),
};

/** Writes main.mjs, store-worker.mjs, elasticsearch.mjs and page/ into a folder. The store's native binding stays outside: it cannot be bundled. */
export async function bundle(outdir) {
  await bundlePage(join(outdir, 'page'));
  await build({
    entryPoints: {
      main: join(here, 'src/main.ts'),
      'store-worker': join(here, 'src/store/worker.ts'),
      elasticsearch: join(here, 'src/sink/elasticsearch.ts'),
    },
    plugins: [ELASTICSEARCH_AT_NEED],
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
