// Makes dist/: the service's files (bundle.mjs says which), and beside them the store's native binding, which cannot be bundled. The folder is all that the image holds.
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const require = createRequire(import.meta.url);

/** The container is Linux with glibc, whatever the machine that builds is. */
const NATIVE = ['@duckdb/node-api', '@duckdb/node-bindings', `@duckdb/node-bindings-linux-${process.arch}`];

const folderOf = (name) => {
  const paths = require.resolve.paths(name) ?? [];
  return paths.map((path) => join(path, name));
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await bundle(dist);

for (const name of NATIVE) {
  let isCopied = false;
  for (const folder of folderOf(name)) {
    isCopied = await cp(folder, join(dist, 'node_modules', name), {
      recursive: true,
      dereference: true,
    }).then(
      () => true,
      (error) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
    if (isCopied) break;
  }
  if (!isCopied && name.includes(process.arch) && process.platform === 'linux') {
    throw new Error(`the package ${name} is not installed; run "npm ci"`);
  }
}
