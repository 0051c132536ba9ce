/** The built page, held in memory: nothing that a client asks for is ever looked up on disk. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

export interface Page {
  readonly html: Buffer;
  /** By file name, which changes with the content. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads what bundle-page.mjs wrote.
 * @throws where the folder is not there, or holds a file of a kind that the page has no use for
 */
export async function readPage(folder: string): Promise<Page> {
  const assets = new Map<string, Asset>();
  for (const name of await readdir(join(folder, 'assets'))) {
    const type = TYPES[extname(name)];
    if (type === undefined) throw new Error(`${name} is no file of the page`);
    assets.set(name, { type, body: await readFile(join(folder, 'assets', name)) });
  }
  return { html: await readFile(join(folder, 'index.html')), assets };
}
