import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Modules of Node.js that take milliseconds to load and that most commands do not use, though much of the code imports them. */
const SLOW = ['node:child_process', 'node:crypto', 'node:zlib'];

/** Each of their names is looked up when it is used for the first time, instead of when the importing module is loaded. */
export const deferredBuiltins = {
  name: 'deferred-builtins',
  setup: (bundle) => {
    bundle.onResolve({ filter: new RegExp(`^(?:${SLOW.join('|')})$`) }, ({ path, namespace }) =>
      namespace === 'deferred-builtin' ? { path, external: true } : { path, namespace: 'deferred-builtin' },
    );
    bundle.onLoad({ filter: /./, namespace: 'deferred-builtin' }, ({ path }) => ({
      contents: Object.keys(require(path))
        .map(
          (name) =>
            `Object.defineProperty(exports, '${name}', { enumerable: true, get: () => require('${path}').${name} });`,
        )
        .join('\n'),
    }));
  },
};
