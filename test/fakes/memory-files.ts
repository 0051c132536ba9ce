import { dirname, join } from 'node:path';
import type { Files } from '../../src/core/ports/files.ts';

/** The Files port in memory. `modes` keeps what was asked for. */
export function memoryFiles(initial: Readonly<Record<string, string>> = {}): Files & {
  readonly content: Map<string, Buffer>;
  readonly modes: Map<string, number>;
} {
  const content = new Map(Object.entries(initial).map(([path, text]) => [path, Buffer.from(text)]));
  const modes = new Map<string, number>();
  const folders = new Set<string>();
  const links = new Map<string, string>();
  /** The path with every link on it followed. */
  const real = (path: string): string => {
    for (const [link, target] of links) {
      if (path === link || path.startsWith(`${link}/`)) {
        return real(join(dirname(link), target) + path.slice(link.length));
      }
    }
    return path;
  };
  const isFolder = (path: string): boolean =>
    folders.has(path) || [...content.keys()].some((name) => name.startsWith(`${path}/`));
  return {
    content,
    modes,
    read: async (path) => content.get(real(path)) ?? null,
    write: async (path, bytes, mode = 0o644) => {
      links.delete(path);
      content.set(path, Buffer.from(bytes));
      modes.set(path, mode);
    },
    makeFolder: async (path, mode) => {
      folders.add(path);
      if (mode !== undefined) modes.set(path, mode);
    },
    setMode: async (path, mode) => void modes.set(path, mode),
    list: async (path) =>
      [
        ...new Set(
          [...content.keys(), ...links.keys()]
            .filter((name) => name.startsWith(`${path}/`))
            .map((name) => name.slice(path.length + 1).split('/')[0] ?? ''),
        ),
      ].sort(),
    stat: async (given) => {
      const path = real(given);
      const file = content.get(path);
      if (file !== undefined)
        return {
          kind: 'file',
          mode: modes.get(path) ?? 0o644,
          owner: 0,
          sizeBytes: file.length,
          modifiedMs: 0,
        };
      return isFolder(path)
        ? { kind: 'folder', mode: modes.get(path) ?? 0o755, owner: 0, sizeBytes: 0, modifiedMs: 0 }
        : null;
    },
    realPath: async (given) => {
      const path = real(given);
      return content.has(path) || isFolder(path) ? path : null;
    },
    remove: async (path) => {
      for (const name of [...content.keys()])
        if (name === path || name.startsWith(`${path}/`)) content.delete(name);
      for (const name of [...links.keys()])
        if (name === path || name.startsWith(`${path}/`)) links.delete(name);
      folders.delete(path);
    },
    link: async (path, target) => {
      content.delete(path);
      links.set(path, target);
    },
    rename: async (from, to) => {
      const file = content.get(from);
      if (file === undefined) throw new Error(`${from} is not there (below ${dirname(from)})`);
      content.delete(from);
      content.set(to, file);
      modes.set(to, modes.get(from) ?? 0o644);
    },
    disk: async () => null,
  };
}
