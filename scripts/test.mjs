// test.mjs [fast|all|faults] [--no-engine REASON] [--no-browser REASON]
// Runs checks and tests and ends with one line: "N passed, N failed" (", N skipped").
//   fast    formatting, types, build, and the tests that need no Docker (npm test)
//   all     fast, then the page's tests in Chromium, and the end-to-end tests on a Docker Engine (make test)
//   faults  the long sweeps and soaks (make test-faults)
// --no-engine and --no-browser say why there is no Docker Engine or no Chromium: the tests that need
// it are counted as skipped, and the run fails where CI is set.
import process from 'node:process';
import { endPhases, runPhase, showLog } from './test/phase.mjs';
import { addTally, emptyTally, tallyCheck, totalLine } from './test/tally.mjs';
import { countTests, runProjects } from './test/vitest.mjs';

const MINUTE_MS = 60_000;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

const IMAGES = {
  name: 'images',
  argv: [process.execPath, 'bin/apictl.js', 'images', 'build'],
  deadlineMs: 15 * MINUTE_MS,
};

const { scope, noEngine, noBrowser } = readArguments(process.argv.slice(2));
const total = emptyTally();
const durations = [];
let build;
let images;

for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) {
  process.on(signal, () => {
    endPhases(signal);
    process.exit(exitCode);
  });
}

if (scope === 'faults') {
  await runWithEngine({ name: 'faults', deadlineMs: 60 * MINUTE_MS });
  await runWithEngine({ name: 'engine-faults', deadlineMs: 10 * MINUTE_MS });
} else {
  await runChecks();
  await runTests({ name: 'unit-contract', projects: ['unit', 'contract'], deadlineMs: 10 * MINUTE_MS });
  if (scope === 'all') {
    await runWith({ what: 'Chromium', missing: noBrowser }, { name: 'browser', deadlineMs: 10 * MINUTE_MS });
    await runWithEngine({ name: 'e2e', deadlineMs: 30 * MINUTE_MS });
  }
  if (total.passed + total.failed === 0) addTally(total, tallyCheck('test run', 'no test ran'));
}
conclude();

/** The build comes first: tests run bin/apictl.js. Types and formatting share the two cores. */
async function runChecks() {
  const node = process.execPath;
  await buildOnce();
  await Promise.all([
    runCheck({
      name: 'types',
      argv: [node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit'],
    }),
    runCheck({
      name: 'types-of-the-page',
      argv: [node, 'node_modules/typescript/bin/tsc', '-p', 'services/logging/web/tsconfig.json', '--noEmit'],
    }),
    runCheck({
      name: 'formatting-and-lint',
      argv: [node, 'node_modules/@biomejs/biome/bin/biome', 'check', '.'],
    }),
  ]);
}

function buildOnce() {
  build ??= runCheck({ name: 'build', argv: ['scripts/build.sh'] });
  return build;
}

async function runCheck({ name, argv, deadlineMs = 5 * MINUTE_MS }) {
  const phase = await runPhase({ name, argv, deadlineMs });
  durations.push(phase);
  if (!phase.ok) showLog(phase);
  addTally(total, tallyCheck(name, phase.problem));
  return phase.ok;
}

async function runTests(run) {
  const { phase, tally } = await runProjects(run);
  durations.push(phase);
  addTally(total, tally);
}

/** Runs a project whose tests need a Docker Engine and the images. */
async function runWithEngine(run) {
  await runWith({ what: 'Docker Engine', missing: noEngine, prepare: buildImages }, run);
}

/** Runs a project whose tests need something of the machine; they are skipped where it is missing or cannot be prepared. */
async function runWith({ what, missing, prepare }, { name, deadlineMs }) {
  const count = await countTests(name).catch((error) => error);
  if (count instanceof Error) {
    addTally(total, tallyCheck(name, count.message));
    return;
  }
  if (count.tests === 0) return;
  const obstacle = missing ?? (await prepare?.()) ?? null;
  if (obstacle === null) {
    await runTests({ name, projects: [name], deadlineMs });
    return;
  }
  process.stdout.write(`\nNot run: ${count.tests} ${name} tests in ${count.files} files. ${obstacle}\n`);
  addTally(total, { ...emptyTally(), skipped: count.tests });
  if (missing !== null && process.env.CI) {
    addTally(total, tallyCheck(what, `CI is set, so the ${name} tests must run. ${missing}`));
  }
}

/** @returns null, or why there are no images. */
async function buildImages() {
  images ??= buildOnce().then((isBuilt) => isBuilt && runCheck(IMAGES));
  return (await images) ? null : 'The images could not be built.';
}

function conclude() {
  process.stdout.write('\n');
  for (const { name, seconds } of durations)
    process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${name}\n`);
  if (total.failures.length > 0) {
    process.stdout.write(`\nFailed (output above; logs in .run/test):\n`);
    for (const failure of total.failures)
      process.stdout.write(`  ${failure.replace(`${process.cwd()}/`, '')}\n`);
  }
  process.stdout.write(`\n${totalLine(total)}\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

function readArguments(argv) {
  const [scope = 'fast', ...options] = argv;
  const reasons = { '--no-engine': null, '--no-browser': null };
  let isKnown = ['fast', 'all', 'faults'].includes(scope);
  for (let at = 0; at < options.length; at += 2) {
    const [option, reason] = [options[at], options[at + 1]];
    isKnown &&= Object.hasOwn(reasons, option) && Boolean(reason);
    reasons[option] = reason;
  }
  if (!isKnown) {
    process.stderr.write('usage: test.mjs [fast|all|faults] [--no-engine REASON] [--no-browser REASON]\n');
    process.exit(64);
  }
  return { scope, noEngine: reasons['--no-engine'], noBrowser: reasons['--no-browser'] };
}
