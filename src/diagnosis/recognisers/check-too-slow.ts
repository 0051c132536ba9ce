import type { Rule } from '../model.ts';

export const checkTooSlow: Rule = {
  id: 'check-too-slow',
  weight: 'vague',
  failure: 'its health check does not end in time',
  remedy: 'a longer `timeout` of the check, or find out what it waits for with `apictl logs SERVICE`',
  recognise: ({ ending, checks, service }) => {
    const last = checks.at(-1);
    const isSlow = last !== undefined && /exceeded timeout|no end within/.test(last.output);
    return ending === 'ended' || !isSlow
      ? undefined
      : {
          cause: `has a health check that gets no answer in time: ${last.output.trim()}`,
          hint: `See what it waits for with "apictl logs ${service}"; the machine may also be too busy.`,
        };
  },
};
