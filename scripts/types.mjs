// Writes the declarations of what `import 'apictl'` gives: `node scripts/types.mjs [FOLDER]`, which is types/ where it is not given.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = resolve(process.argv[2] ?? join(root, 'types'));
const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

rmSync(outDir, { recursive: true, force: true });
execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.types.json'), '--outDir', outDir], {
  stdio: 'inherit',
});

// The sources import each other by their own names; beside a declaration lies no source.
const files = readdirSync(outDir, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.d.ts'),
);
const declarations = new Map(
  files.map((path) => [
    join(outDir, path),
    readFileSync(join(outDir, path), 'utf8').replaceAll(/(['"])(\.{1,2}\/[^'"]*)\.ts\1/g, '$1$2.js$1'),
  ]),
);

/** What the entrance leads to is the interface; the rest of what the compiler has read is not published. */
const reached = new Set();
const visit = (path) => {
  if (reached.has(path)) return;
  reached.add(path);
  const text = declarations.get(path);
  if (text === undefined) throw new Error(`there is no declaration ${path}`);
  for (const [, target] of text.matchAll(/['"](\.{1,2}\/[^'"]*)\.js['"]/g))
    visit(join(dirname(path), `${target}.d.ts`));
};
visit(join(outDir, 'library.d.ts'));
for (const [path, text] of declarations) {
  if (reached.has(path)) writeFileSync(path, text);
  else rmSync(path);
}
