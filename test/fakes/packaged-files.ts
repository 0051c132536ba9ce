import { localFiles } from '../../src/adapters/files.ts';
import type { Files } from '../../src/core/ports/files.ts';

/** The project's files from where they are given, what is packaged from its place on the disk. */
export const withPackage = (project: Files, packageRoot: string): Files =>
  new Proxy(project, {
    get:
      (given, name: keyof Files) =>
      (path: string, ...rest: readonly unknown[]) => {
        const from = path.startsWith(packageRoot) ? localFiles : given;
        return (from[name] as (...words: readonly unknown[]) => unknown)(path, ...rest);
      },
  });
