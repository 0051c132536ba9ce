// Exits with 0 when node_modules holds exactly what package-lock.json names, going by the record
// that npm keeps inside node_modules. Optional packages of other platforms may be absent.
import { readFileSync } from 'node:fs';

const packagesOf = (path) => JSON.parse(readFileSync(path, 'utf8')).packages;

const wanted = packagesOf('package-lock.json');
const present = packagesOf('node_modules/.package-lock.json');

const isSame = (path) =>
  present[path]?.version === wanted[path].version && present[path]?.integrity === wanted[path].integrity;
const mayBeAbsent = (path) => path === '' || (wanted[path].optional === true && present[path] === undefined);

const isComplete = Object.keys(wanted).every((path) => mayBeAbsent(path) || isSame(path));
const hasNothingElse = Object.keys(present).every((path) => path in wanted);
process.exitCode = isComplete && hasNothingElse ? 0 : 1;
