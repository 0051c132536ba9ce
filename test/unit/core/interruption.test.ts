import { expect, it } from 'vitest';
import { ApictlError, EXIT } from '../../../src/core/errors.ts';
import { interruption, orInterruption } from '../../../src/core/interruption.ts';

const facts = { message: 'interrupted; what runs stays up', hint: 'Run it again.' };

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends a run that %s asked to end with %i', (reason, exitCode) => {
  const error = interruption(AbortSignal.abort(reason), facts);
  expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode, ...facts });
});

it('tells what a call throws that was aborted as the interruption', () => {
  const aborted = AbortSignal.abort('SIGINT');
  expect(orInterruption(aborted.reason, aborted, facts)).toMatchObject({ code: 'INTERRUPTED' });
});

it('leaves a failure of its own as it is, and everything where nobody interrupted', () => {
  const own = new ApictlError({ code: 'PORT_HELD', exitCode: EXIT.machine, message: 'held' });
  const bug = new TypeError('bug');
  expect(orInterruption(own, AbortSignal.abort('SIGINT'), facts)).toBe(own);
  expect(orInterruption(bug, new AbortController().signal, facts)).toBe(bug);
});
