// test.mjs [fast|all|faults] [--no-engine REASON]
// Runs checks and tests and ends with one line: "N passed, N failed" (", N skipped").
//   fast    formatting, types, build, and the tests that need no Docker (npm test)
//   all     fast, then the end-to-end tests on a Docker Engine (make test)
//   faults  the long sweeps and soaks (make test-faults)
// --no-engine says why there is no Docker Engine: the tests that need one are counted as skipped,
// and the run fails where CI is set.
import process from 'node:process';
import { endPhases, runPhase, showLog } from './test/phase.mjs';
import { addTally, emptyTally, tallyCheck, totalLine } from './test/tally.mjs';
import { countTests, runProjects } from './test/vitest.mjs';

const MINUTE_MS = 60_000;
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };

const { scope, noEngine } = readArguments(process.argv.slice(2));
const total = emptyTally();
const durations = [];
let build;

for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) {
  process.on(signal, () => {
    endPhases(signal);
    process.exit(exitCode);
  });
}

if (scope === 'faults') {
  await runWithEngine({ name: 'faults', deadlineMs: 60 * MINUTE_MS });
} else {
  await runChecks();
  await runTests({ name: 'unit-contract', projects: ['unit', 'contract'], deadlineMs: 10 * MINUTE_MS });
  if (scope === 'all') await runWithEngine({ name: 'e2e', deadlineMs: 30 * MINUTE_MS });
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

/** Runs a project whose tests need a Docker Engine and the images; without them its tests are skipped. */
async function runWithEngine({ name, deadlineMs }) {
  const count = await countTests(name).catch((error) => error);
  if (count instanceof Error) {
    addTally(total, tallyCheck(name, count.message));
    return;
  }
  if (count.tests === 0) return;
  const obstacle = noEngine ?? (await buildImages());
  if (obstacle === null) {
    await runTests({ name, projects: [name], deadlineMs });
    return;
  }
  process.stdout.write(`\nNot run: ${count.tests} ${name} tests in ${count.files} files. ${obstacle}\n`);
  addTally(total, { ...emptyTally(), skipped: count.tests });
  if (noEngine !== null && process.env.CI) {
    addTally(total, tallyCheck('Docker Engine', `CI is set, so the ${name} tests must run. ${noEngine}`));
  }
}

/** @returns null, or why there are no images. */
async function buildImages() {
  const argv = [process.execPath, 'bin/apictl.js', 'images', 'build'];
  const isBuilt = await buildOnce();
  const areThere = isBuilt && (await runCheck({ name: 'images', argv, deadlineMs: 15 * MINUTE_MS }));
  return areThere ? null : 'The images could not be built.';
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
  const [scope = 'fast', option, reason] = argv;
  const isKnown =
    ['fast', 'all', 'faults'].includes(scope) && (option === undefined || option === '--no-engine');
  if (!isKnown || (option !== undefined && !reason)) {
    process.stderr.write('usage: test.mjs [fast|all|faults] [--no-engine REASON]\n');
    process.exit(64);
  }
  return { scope, noEngine: reason ?? null };
}
