import type { CheckRun } from './ports/engine.ts';

/** Runs of a health check that followed each other and said the same. */
export interface CheckStreak {
  readonly exitCode: number;
  readonly output: string;
  /** When the first and the last of them ended. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly times: number;
}

/** What a health check said while it was watched, oldest first. */
export type CheckHistory = readonly CheckStreak[];

const KEPT_STREAKS = 10;
/** As much as the engine keeps of one run. */
const KEPT_OUTPUT = 4096;

/** The history with one more run. A check that says the same for minutes takes one entry; the oldest are forgotten. */
export function withRun(history: CheckHistory, run: CheckRun): CheckHistory {
  const output = run.output.slice(0, KEPT_OUTPUT);
  const last = history.at(-1);
  if (last !== undefined && last.exitCode === run.exitCode && last.output === output) {
    return [...history.slice(0, -1), { ...last, lastMs: run.endMs, times: last.times + 1 }];
  }
  const streak = { exitCode: run.exitCode, output, firstMs: run.endMs, lastMs: run.endMs, times: 1 };
  return [...history, streak].slice(-KEPT_STREAKS);
}

export const historyOf = (runs: readonly CheckRun[]): CheckHistory => runs.reduce<CheckHistory>(withRun, []);
