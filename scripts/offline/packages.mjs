// The npm packages of an archive of "apictl images save", by package-lock.json: what the lock does not name by this hash is not used.
import { createHash } from 'node:crypto';
import { entriesOf, readAt } from './tar.mjs';

const MANIFEST = 'manifest.json';
const PACKAGES = 'npm-packages.tar';
/** A package of half a gigabyte is none of ours. */
const MOST_BYTES = 512 * 1024 ** 2;

/**
 * Checks every package that the lock asks for. Answers `name@version` -> where its tarball lies in the file, and its hash.
 * Throws, in words for people, for an archive that is damaged, of another kind of machine, or of another lock.
 * `machine` is { os, cpu, libc } in the words of package.json; libc is undefined where the system has one alone.
 */
export function packagesIn(file, sizeBytes, lock, machine) {
  const found = tarballsIn(file, packedIn(file, sizeBytes));
  const wanted = wantedOf(lock, machine);
  const missing = wanted.filter(({ integrity, isNeeded }) => isNeeded && !found.has(integrity));
  if (missing.length > 0)
    throw new Error(
      `${missing.length} of the npm packages that this clone needs on ${machine.os}/${machine.cpu} are not in it, as ${missing[0].id}: it was saved from another version of the clone or on another kind of machine, or is damaged`,
    );
  return wanted.flatMap(({ id, name, version, integrity }) => {
    const place = found.get(integrity);
    return place === undefined ? [] : [{ id, name, version, integrity, ...place }];
  });
}

/** The packages lie behind the manifest; what the engine wrote comes after them and is not looked at. */
function packedIn(file, sizeBytes) {
  const [manifest, packed] = firstTwo(entriesOf(file, 0, sizeBytes));
  if (manifest?.name !== MANIFEST) throw new Error('it is no archive of "apictl images save"');
  if (packed?.name !== PACKAGES)
    throw new Error('it holds no npm packages: it was saved by an installed apictl, or with --no-packages');
  return packed;
}

function firstTwo(entries) {
  const first = [];
  for (const entry of entries) {
    first.push(entry);
    if (first.length === 2) break;
  }
  return first;
}

/** SHA-512 in the lock's own writing -> where the tarball of that hash lies. */
function tarballsIn(file, { start, size }) {
  const found = new Map();
  for (const entry of entriesOf(file, start, start + size)) {
    if (entry.size > MOST_BYTES) throw new Error(`${JSON.stringify(entry.name)} is too large for a package`);
    const bytes = readAt(file, entry.start, entry.size);
    const hash = createHash('sha512').update(bytes).digest('base64');
    found.set(`sha512-${hash}`, { start: entry.start, size: entry.size });
  }
  return found;
}

/** What the lock takes from a registry, each once. */
function wantedOf(lock, machine) {
  const wanted = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    const { version, integrity, link } = entry;
    if (link === true || integrity === undefined) continue;
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const id = `${name}@${version}`;
    const isNeeded = isNeededOn(entry, machine) || wanted.get(id)?.isNeeded === true;
    wanted.set(id, { id, name, version, integrity, isNeeded });
  }
  return [...wanted.values()];
}

/** Optional packages are for some kinds of machines, or of such that are. */
function isNeededOn({ optional, os, cpu, libc }, machine) {
  if (optional !== true) return true;
  if (os === undefined && cpu === undefined) return false;
  return fits(os, machine.os) && fits(cpu, machine.cpu) && fits(libc, machine.libc);
}

/** As package.json says it: names, or names with a "!" that are left out. */
const fits = (list, name) =>
  list === undefined ||
  name === undefined ||
  list.includes(name) ||
  (list.some((one) => one.startsWith('!')) && !list.includes(`!${name}`));
