import type { ChalkInstance } from 'chalk';
import type { SecretsInit } from '../../app/secrets/init.ts';
import type { RotationResult } from '../../app/secrets/rotate.ts';
import type { SecretsVerified } from '../../app/secrets/verify.ts';
import type { RotationPlan } from '../../secrets/rotation-plan.ts';
import { table } from './table.ts';

/** What a rotation would do: one secret a line, where its value is set, whom it interrupts. */
export function rotationPlanText(
  { rotate, left, waiting, unfinished }: RotationPlan,
  paint: ChalkInstance,
): string {
  const broken = [...unfinished.begun, ...unfinished.swapped];
  const rows = rotate.map(({ name, set, readers, kept }) => [
    name,
    set,
    readers.length === 0 ? '-' : readers.join(', '),
    kept.length === 0 ? '-' : kept.join(', '),
  ]);
  return [
    ...broken.map((name) => `finish  ${name}, whose rotation was broken off`),
    ...(rows.length === 0 ? [] : [table(['SECRET', 'SET', 'MADE ANEW', 'RUNS ON'], rows, paint)]),
    ...leftLines(left),
    ...waitingLines(waiting),
  ].join('\n');
}

export const rotatedText = ({ rotated, restarted, left, waiting, seconds }: RotationResult): string =>
  [
    rotated.length === 0 ? 'nothing to rotate' : `rotated ${rotated.join(', ')} in ${seconds.toFixed(1)} s`,
    ...(restarted.length === 0 ? [] : [`made anew with it: ${restarted.join(', ')}`]),
    ...leftLines(left),
    ...waitingLines(waiting),
  ].join('\n');

const waitingLines = (waiting: RotationResult['waiting']): string[] =>
  waiting.map(({ name, why }) => `begun and not finished: ${name}; ${why}`);

const leftLines = (left: RotationResult['left']): string[] =>
  left.map(({ name, why }) => `left as it is: ${name}; ${why}`);

export const initText = ({ created, present, repaired }: SecretsInit): string =>
  [
    created.length === 0 ? 'nothing was missing' : `generated ${created.join(', ')}`,
    ...(present.length === 0 ? [] : [`kept ${present.length} that were there`]),
    ...repaired.map((path) => `gave ${path} the mode that secrets have`),
  ].join('\n');

/** What is in order in one line each, then what is not, with what to do. */
export function verifiedText({ secrets, findings }: SecretsVerified, paint: ChalkInstance): string {
  const rows = secrets.map(({ name, state, opens, readBy }) => [
    name,
    state === 'present' ? state : paint.red(state),
    opens === null ? '-' : opens ? 'let in' : paint.red('refused'),
    readBy.length === 0 ? '-' : readBy.join(', '),
  ]);
  return [
    table(['SECRET', 'STATE', 'LOGIN', 'READ BY'], rows, paint),
    ...(findings.length === 0 ? ['all in order'] : [`${findings.length} finding(s):`]),
    ...findings.map(({ object, found, fix }) => `${paint.red('✗')} ${object} ${found}\n  ${paint.dim(fix)}`),
  ].join('\n');
}
