import { expect, it } from 'vitest';
import { fitting } from '../../../../src/cli/report/rows.ts';

const status = ['shop is degraded', 'kong healthy', 'postgres exited', '✗ postgres ended'].join('\n');

it.each([
  ['all of it where there is room', 80, 5, status],
  [
    'its first line and what is wrong where there is not',
    80,
    4,
    'shop is degraded\n(2 lines more)\n✗ postgres ended',
  ],
  [
    'less where the terminal breaks lines',
    14,
    6,
    ['shop is degraded', '(2 lines more)', '✗ postgres ended'].join('\n'),
  ],
  ['never less than two lines', 10, 1, 'shop is degraded\n(2 lines more)\n✗ postgres ended'],
])('a text that is drawn again and again shows %s', (_what, columns, rows, shown) => {
  expect(fitting(status, { columns, rows })).toBe(shown);
});
