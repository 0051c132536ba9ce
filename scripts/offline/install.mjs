// node scripts/offline/install.mjs ARCHIVE: "npm ci" with the packages of an archive of "apictl images save", and no network.
// Run it in the root of the clone. It needs Node.js and npm alone.
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { packagesIn } from './packages.mjs';
import { serveRegistry } from './registry.mjs';

const [archive = ''] = process.argv.slice(2);

/** Nothing of this machine's own settings for npm, which may name another registry or a proxy. */
const flagsFor = (url, folder) => [
  ...['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=0'],
  ...[`--registry=${url}`, '--replace-registry-host=always', '--noproxy=127.0.0.1'],
  ...[`--cache=${folder}/cache`, `--userconfig=${folder}/user`, `--globalconfig=${folder}/global`],
];

async function install(file) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const packages = packagesIn(file, fstatSync(file).size, lock, thisMachine());
  const registry = await serveRegistry(file, packages);
  const folder = mkdtempSync('.run/npm-');
  try {
    return await run('npm', flagsFor(registry.url, folder));
  } finally {
    registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function thisMachine() {
  const { glibcVersionRuntime } = process.platform === 'linux' ? process.report.getReport().header : {};
  const libc = glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return { os: process.platform, cpu: process.arch, libc: process.platform === 'linux' ? libc : undefined };
}

/** Signals go to the program, and its end ends this one. */
function run(program, argv) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'inherit', 'inherit'] });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

try {
  const file = openSync(archive, 'r');
  try {
    process.exitCode = await install(file);
  } finally {
    closeSync(file);
  }
} catch (thrown) {
  console.error(`${archive} cannot be used: ${thrown.message}`);
  process.exitCode = 1;
}
