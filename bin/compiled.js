const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { Script } = require('node:vm');

/** Path of a loaded file -> the module it is and the script that V8 made of it. */
const loaded = new Map();

/**
 * Loads a CommonJS file of dist/ and gives its exports. V8 takes longer to compile these files than to run what a short command
 * runs of them, so the build leaves beside each what V8 has made of it; a V8 that is not the same compiles the file as usual.
 */
function load(path) {
  const known = loaded.get(path);
  if (known !== undefined) return known.module.exports;
  const source = readFileSync(path, 'latin1');
  const script = new Script(`(function(exports,require,module,__filename,__dirname){\n${source}\n})`, {
    filename: path,
    // Places in stack traces are those of the file.
    lineOffset: -1,
    cachedData: readOrUndefined(compiledFile(path)),
  });
  const module = { exports: {} };
  loaded.set(path, { module, script });
  const elsewhere = createRequire(path);
  const require = (name) => (name.startsWith('./') ? load(join(dirname(path), name)) : elsewhere(name));
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  return module.exports;
}

/** The name says which V8 made it; V8 itself refuses what was made by another version or with other flags. */
const compiledFile = (path) => `${path}.${process.arch}-${process.versions.v8}.compiled`;

function readOrUndefined(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

module.exports = { load, loaded, compiledFile };
