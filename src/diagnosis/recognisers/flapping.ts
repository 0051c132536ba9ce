import type { Rule } from '../model.ts';

export const flapping: Rule = {
  id: 'flapping',
  weight: 'vague',
  failure: 'it runs, was restarted before, and is not healthy yet',
  remedy: '`apictl logs SERVICE` says why it ended the times before',
  recognise: ({ ending, details, service }) =>
    ending === 'ended' || details === null || details.restarts === 0 || details.state !== 'running'
      ? undefined
      : {
          cause: `was restarted by the engine ${details.restarts === 1 ? 'once' : `${details.restarts} times`} and is still not healthy`,
          hint: `Read why it ended before with "apictl logs ${service}".`,
        },
};
