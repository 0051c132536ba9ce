// Leaves beside each file of the program what V8 makes of it when it is loaded: `node scripts/bundle/compile.cjs DIST LIBRARY...`,
// the libraries as they are named there.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { load, loaded, compiledFile } = require('../../bin/compiled.js');

const [dist, ...libraries] = process.argv.slice(2);
// The words of the commands run as soon as they are loaded; these are over at once.
process.argv = [process.execPath, 'apictl', '--version'];
load(join(dist, 'main.cjs'));
for (const deed of Object.values(load(join(dist, 'deeds.cjs')))) deed();
for (const library of libraries) load(join(dist, library));
for (const [path, { script }] of loaded) writeFileSync(compiledFile(path), script.createCachedData());
