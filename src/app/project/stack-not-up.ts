import { ApictlError, EXIT } from '../../core/errors.ts';

/** @param message what the command wanted and does not find */
export const stackNotUp = (message: string): ApictlError =>
  new ApictlError({
    code: 'STACK_NOT_UP',
    exitCode: EXIT.unhealthy,
    message,
    hint: 'Run "apictl up" first.',
  });
