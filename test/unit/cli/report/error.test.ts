import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { errorText } from '../../../../src/cli/report/error.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';

it('shows what came from outside without letting it do anything to the terminal', () => {
  const error = new ApictlError({
    code: 'X',
    exitCode: EXIT.usage,
    message: 'Kong says: \u001b[2J\u0007gone',
    details: ['first line\nsecond \u202eline'],
  });
  expect(errorText(error, new Chalk({ level: 0 }))).toBe(
    'error Kong says: \\x1b[2J\\x07gone\n  first line\nsecond \\u202eline\n',
  );
});
