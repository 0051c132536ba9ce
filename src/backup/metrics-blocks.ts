/**
 * What of Prometheus' folder is worth keeping, and how a folder that is copied while Prometheus works stays usable. Blocks are
 * written once and then only deleted; the log of the youngest samples is only appended to, and Prometheus cuts off a torn end.
 */

const BLOCK = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** Without these a block is half deleted, and Prometheus would not start with it. */
const PARTS = ['meta.json', 'index'] as const;

/** Whether a path below the folder is a block's or the log's. */
export function isWorthKeeping(path: string): boolean {
  const [top = ''] = path.split('/');
  return (BLOCK.test(top) || top === 'wal') && !path.includes('.tmp');
}

/** The blocks that were deleted while they were copied, by the paths that were. */
export function halfBlocks(paths: readonly string[]): ReadonlySet<string> {
  const present = new Set(paths);
  const blocks = new Set(paths.map((path) => path.split('/')[0] ?? '').filter((top) => BLOCK.test(top)));
  const hasChunks = (block: string): boolean => paths.some((path) => path.startsWith(`${block}/chunks/`));
  return new Set(
    [...blocks].filter(
      (block) => !hasChunks(block) || PARTS.some((part) => !present.has(`${block}/${part}`)),
    ),
  );
}
