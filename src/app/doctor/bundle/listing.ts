import { join } from 'node:path';
import { messageOf } from '../../../core/errors.ts';
import type { Files } from '../../../core/ports/files.ts';

/** Never looked into: large, and not ours. */
const PASSED_OVER = new Set(['.git', 'node_modules']);
const MOST = 5_000;
const DEEPEST = 10;

/** The files of the project with their modes, never what is in them; one a line, as `0600      0     44 secrets/values/x`. */
export async function fileListing(files: Files, root: string): Promise<string> {
  const lines: string[] = ['mode  owner       size  path'];
  const visit = async (path: string, depth: number): Promise<void> => {
    if (lines.length > MOST) return;
    const absolute = join(root, path);
    const facts = await files.stat(absolute);
    // A link that leads nowhere.
    if (facts === null) return void lines.push(`${path} leads nowhere`);
    const isFolder = facts.kind === 'folder';
    lines.push(
      [
        facts.mode.toString(8).padStart(4, '0'),
        String(facts.owner).padStart(6),
        String(isFolder ? '-' : facts.sizeBytes).padStart(10),
        ` ${path}${isFolder ? '/' : ''}`,
      ].join(' '),
    );
    if (!isFolder || PASSED_OVER.has(path.split('/').at(-1) ?? '')) return;
    const isElsewhere = (await files.realPath(absolute)) !== join(real, path);
    if (isElsewhere || depth === DEEPEST) return void lines.push(`${path}/ not looked into`);
    await visitBelow(path, depth);
  };
  const visitBelow = async (path: string, depth: number): Promise<void> => {
    try {
      for (const name of await files.list(join(root, path)))
        await visit(path === '' ? name : `${path}/${name}`, depth + 1);
    } catch (thrown) {
      lines.push(`${path}: ${messageOf(thrown)}`);
    }
  };
  const real = (await files.realPath(root)) ?? root;
  await visitBelow('', 0);
  if (lines.length > MOST) lines.push(`and more: only the first ${MOST} are listed`);
  // A line end in a name is none of the list.
  return `${lines.map((line) => line.replaceAll(/\p{Cc}/gu, '?')).join('\n')}\n`;
}
