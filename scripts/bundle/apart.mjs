import { join, relative, resolve } from 'node:path';

/**
 * What the words import when a command is called is no part of their file: it is asked of deeds.cjs by its name. Fills `deeds`
 * with name -> source, as `cli/actions/up` -> `/.../src/cli/actions/up.ts`.
 */
export const deedsApart = (root, deeds) => ({
  name: 'deeds-apart',
  setup: (bundle) => {
    bundle.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const source = resolve(resolveDir, path);
      const name = relative(join(root, 'src'), source).replace(/\.ts$/, '');
      deeds[name] = source;
      return { path: name, namespace: 'deed' };
    });
    bundle.onResolve({ filter: /./, namespace: 'deed' }, ({ path }) => ({ path, external: true }));
    bundle.onLoad({ filter: /./, namespace: 'deed' }, ({ path }) => ({
      contents: `module.exports = require('./deeds.cjs')[${JSON.stringify(path)}]();`,
    }));
  },
});

/** The other side of it: all deeds by their names. What one imports is evaluated when the first that needs it is called. */
export const deedsByName = (deeds) =>
  Object.entries(deeds)
    .map(([name, source]) => `exports['${name}'] = () => require(${JSON.stringify(source)});`)
    .join('\n');

/** A library with a file of its own beside deeds.cjs. */
export const libraryFile = (name) => `libraries/${name.replaceAll('/', '-')}.cjs`;

export const librariesApart = (names) => ({
  name: 'libraries-apart',
  setup: (bundle) => {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path }) =>
      names.includes(path) ? { path: `./${libraryFile(path)}`, external: true } : undefined,
    );
  },
});
