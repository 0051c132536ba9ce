import { ApictlError } from '../../core/errors.ts';

/**
 * What ends a run because the engine is gone, with what the run had brought up until then and what it had not: nobody can be
 * asked for it any more. Any other failure as it is.
 */
export function withProgress(thrown: unknown, done: readonly string[], pending: readonly string[]): unknown {
  if (!(thrown instanceof ApictlError) || thrown.code !== 'ENGINE_LOST') return thrown;
  const line = (what: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${what}: ${names.join(', ')}`];
  return new ApictlError({
    code: thrown.code,
    exitCode: thrown.exitCode,
    message: thrown.message,
    object: thrown.object,
    details: [...line('was up', done), ...line('not done', pending)],
    hint: thrown.hint,
    cause: thrown,
  });
}
