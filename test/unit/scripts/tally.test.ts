import { describe, expect, it } from 'vitest';
import { addTally, emptyTally, tallyCheck, tallyReport, totalLine } from '../../../scripts/test/tally.mjs';

const file = (status: string, tests: [string, string][], message = '') => ({
  name: '/repo/a.test.ts',
  status,
  message,
  assertionResults: tests.map(([state, fullName]) => ({ status: state, fullName })),
});

describe('counting a vitest report', () => {
  it('counts every test by its state and names the failed ones', () => {
    const report = {
      testResults: [
        file('failed', [
          ['passed', 'one'],
          ['failed', 'two'],
          ['skipped', 'three'],
          ['todo', 'four'],
          ['pending', 'five'],
        ]),
      ],
    };
    expect(tallyReport('unit', report, 'exited with 1')).toEqual({
      passed: 1,
      failed: 1,
      skipped: 3,
      failures: ['/repo/a.test.ts: two'],
    });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const report = {
      testResults: [file('failed', [], 'Cannot find module x\n  at y'), file('passed', [['passed', 'one']])],
    };
    expect(tallyReport('unit', report, 'exited with 1')).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      failures: ['/repo/a.test.ts: Cannot find module x'],
    });
  });

  it('counts a run that failed without a failed test as one failure', () => {
    const report = { testResults: [file('passed', [['passed', 'one']])] };
    expect(tallyReport('unit', report, 'exited with 1')).toMatchObject({
      passed: 1,
      failed: 1,
      failures: ['unit: vitest exited with 1'],
    });
  });

  it('counts a run without a report as one failure, however it ended', () => {
    expect(tallyReport('unit', null, 'was ended by SIGSEGV')).toMatchObject({ passed: 0, failed: 1 });
    expect(tallyReport('unit', null, null)).toMatchObject({
      failed: 1,
      failures: ['unit: vitest left no report'],
    });
  });
});

describe('the total', () => {
  it('adds checks and tests', () => {
    const total = emptyTally();
    addTally(total, tallyCheck('types', null));
    addTally(total, tallyCheck('lint', 'exited with 1'));
    addTally(total, { passed: 3, failed: 0, skipped: 2, failures: [] });
    expect(total).toEqual({ passed: 4, failed: 1, skipped: 2, failures: ['lint: exited with 1'] });
  });

  it('names skipped tests only where there are some', () => {
    expect(totalLine({ passed: 4, failed: 1, skipped: 0 })).toBe('4 passed, 1 failed');
    expect(totalLine({ passed: 4, failed: 1, skipped: 2 })).toBe('4 passed, 1 failed, 2 skipped');
  });
});
