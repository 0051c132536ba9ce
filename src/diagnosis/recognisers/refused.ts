import type { Rule } from '../model.ts';
import { shortened } from '../said.ts';

export const refused: Rule = {
  id: 'refused',
  weight: 'vague',
  failure: 'the engine refused to create or start it, for a reason that is none of the above',
  remedy: '`apictl doctor` looks at what can stand in the way',
  recognise: ({ refusal }) =>
    refusal === ''
      ? undefined
      : {
          cause: `could not be started: ${shortened(refusal)}`,
          hint: 'See "apictl doctor" for what stands in the way.',
        },
};
