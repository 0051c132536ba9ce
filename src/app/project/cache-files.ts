import type { Files } from '../../core/ports/files.ts';
import type { World } from '../world.ts';

/**
 * The files of `.apictl`, which can all be made again: a folder in the place of one counts as no file, and is put aside when the
 * file is written. Docker makes such folders, where a container is started whose mounted file is gone.
 */
export function cacheFiles({ files, clock, emit }: Pick<World, 'files' | 'clock' | 'emit'>): Files {
  return {
    ...files,
    read: (path) => readCached(files, path),
    write: async (path, content, mode) => {
      if ((await files.stat(path))?.kind === 'folder') {
        const aside = `${path}.corrupt-${new Date(clock.now()).toISOString().replaceAll(':', '')}`;
        await files.rename(path, aside);
        emit({ type: 'warning', text: `${path} was a folder, not a file: it is put aside as ${aside}` });
      }
      await files.write(path, content, mode);
    },
  };
}

/** The bytes of such a file, or null where there is none. */
export const readCached = async (
  files: Pick<Files, 'read' | 'stat'>,
  path: string,
): Promise<Buffer | null> => ((await files.stat(path))?.kind === 'file' ? files.read(path) : null);
