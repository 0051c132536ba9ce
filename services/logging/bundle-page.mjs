// The page of the administration listener: web/ as files whose names carry their content, and the document that names them.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const web = join(dirname(fileURLToPath(import.meta.url)), 'web');

/** Entries of the page; `{{name}}` in index.html becomes the name of the file that was made of it. */
const ENTRIES = ['main.tsx', 'styles/page.css', 'icon.svg'];

/** Writes index.html and assets/ into a folder. */
export async function bundlePage(outdir) {
  const { metafile } = await build({
    absWorkingDir: web,
    entryPoints: ENTRIES,
    outdir: join(outdir, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
  let html = await readFile(join(web, 'index.html'), 'utf8');
  for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
    const entry = entryPoint ?? (path.endsWith('.svg') ? 'icon.svg' : undefined);
    if (entry !== undefined) html = html.replaceAll(`{{${entry}}}`, `/assets/${basename(path)}`);
  }
  if (html.includes('{{')) throw new Error('index.html names an entry that was not built');
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, 'index.html'), html);
}
