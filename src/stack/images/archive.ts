import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { ContextFile } from '../../core/ports/build-contexts.ts';
import { byPath } from './digest.ts';

/**
 * A build context as a tar stream, the same bytes for the same files: the engine's build cache compares them.
 * Sorted, owned by root, dated to the epoch.
 */
export function archiveOf(files: readonly ContextFile[]): Readable {
  const archive = pack();
  for (const { path, mode, content } of [...files].sort(byPath)) {
    const headers = { name: path, mode, mtime: new Date(0), uid: 0, gid: 0 };
    if ('bytes' in content) archive.entry(headers, Buffer.from(content.bytes));
    else archive.entry({ ...headers, type: 'symlink', linkname: content.linkTo });
  }
  archive.finalize();
  return Readable.from(archive as AsyncIterable<Buffer>, { objectMode: false });
}
