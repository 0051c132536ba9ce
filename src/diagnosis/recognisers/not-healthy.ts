import type { Rule } from '../model.ts';
import { lastLine } from '../said.ts';

export const notHealthy: Rule = {
  id: 'not-healthy',
  weight: 'vague',
  failure: 'it runs, and its health check says no',
  remedy: 'the check’s own words are shown; `apictl logs SERVICE`',
  recognise: ({ checks, service }) => {
    const last = checks.at(-1);
    const said = lastLine(last?.output ?? '');
    const code = last === undefined ? '' : ` (exit code ${last.exitCode} of its health check)`;
    return {
      cause: said === '' ? `is not healthy${code}` : `is not healthy: ${said}`,
      hint: `Read its output with "apictl logs ${service}"; a slow machine may need more with --timeout SECONDS.`,
    };
  },
};
