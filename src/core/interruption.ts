import { ApictlError, type ErrorFacts, EXIT, type ExitCode } from './errors.ts';

/** The code of every run that a signal asked to end. */
export const INTERRUPTED = 'INTERRUPTED';

/** The exit code of a run that a signal asked to end: 128 and the signal's number, as shells have it. */
export const interruptedExitCode = (signal: AbortSignal): ExitCode =>
  signal.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;

/** The failure of a run that a signal asked to end: what is left of it, and how to go on. */
export const interruption = (
  signal: AbortSignal,
  facts: Omit<ErrorFacts, 'code' | 'exitCode'>,
): ApictlError => new ApictlError({ code: INTERRUPTED, exitCode: interruptedExitCode(signal), ...facts });

/**
 * A failure as it is told. What an aborted call throws says nothing of its own: where the signal is why, it becomes the
 * interruption.
 */
export const orInterruption = (
  thrown: unknown,
  signal: AbortSignal,
  facts: Parameters<typeof interruption>[1],
): unknown => (signal.aborted && !(thrown instanceof ApictlError) ? interruption(signal, facts) : thrown);
