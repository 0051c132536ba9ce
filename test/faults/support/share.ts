const SHARE = Number(process.env.FAULTS_SHARE ?? 1);

/** Whether everything is run at full length. */
export const isWholeRun = SHARE >= 1;

/**
 * The steps of a sweep, from 1 to `count`: all of them, or where only a share of the long tests is run (`FAULTS_SHARE` below 1)
 * every so many-th. Sweeps over the same steps begin at different ones by `offset`, so that together they miss none.
 */
export function stepsOf(count: number, everyNth: number, offset = 0): number[] {
  const steps = Array.from({ length: count }, (_, index) => index + 1);
  return SHARE < 1 ? steps.filter((step) => (step + offset) % everyNth === 0) : steps;
}
