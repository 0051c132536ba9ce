// Counting: every test of a vitest report, and every check that is not a test.

/** @returns {import('./tally.d.mts').Tally} */
export const emptyTally = () => ({ passed: 0, failed: 0, skipped: 0, failures: [] });

/** Adds `other` to `tally`. */
export function addTally(tally, other) {
  tally.passed += other.passed;
  tally.failed += other.failed;
  tally.skipped += other.skipped;
  tally.failures.push(...other.failures);
}

/** A check that is one thing: it holds, or `problem` says why not. */
export const tallyCheck = (name, problem) =>
  problem === null
    ? { passed: 1, failed: 0, skipped: 0, failures: [] }
    : { passed: 0, failed: 1, skipped: 0, failures: [`${name}: ${problem}`] };

/**
 * Counts a vitest JSON report. `problem` is null or how the vitest process failed: a run that
 * failed without a failed test (a crash, an unhandled rejection, no report) counts as one failure.
 */
export function tallyReport(name, report, problem) {
  const tally = emptyTally();
  for (const file of report?.testResults ?? []) {
    const failedBefore = tally.failed;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') fail(tally, `${file.name}: ${test.fullName}`);
      else tally.skipped += 1;
    }
    // A file that cannot be loaded, or whose hooks fail, has failed without naming a test.
    if (file.status === 'failed' && tally.failed === failedBefore) {
      fail(tally, `${file.name}: ${(file.message || 'the file failed').split('\n')[0]}`);
    }
  }
  if (problem !== null && tally.failed === 0) fail(tally, `${name}: vitest ${problem}`);
  if (problem === null && !report) fail(tally, `${name}: vitest left no report`);
  return tally;
}

function fail(tally, failure) {
  tally.failed += 1;
  tally.failures.push(failure);
}

/** The last line of a run. */
export const totalLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
