import type { Rule } from '../model.ts';
import { lastLine } from '../said.ts';

export const nothingListens: Rule = {
  id: 'nothing-listens',
  weight: 'vague',
  failure: 'it runs, and does not listen on its port: it is still starting, hangs, or listens on another one',
  remedy: '`apictl logs SERVICE`; a slow machine may need more with `--timeout`',
  recognise: ({ details, listening, checks, service }) => {
    const ports = details?.containerPorts ?? [];
    if (listening === null || ports.length === 0 || ports.some((port) => listening.includes(port)))
      return undefined;
    const instead = listening.length === 0 ? 'on no port' : `only on ${listening.join(', ')}`;
    const said = lastLine(checks.at(-1)?.output ?? '');
    return {
      cause: `runs and does not listen on port ${ports.join(', ')} (${instead})${said === '' ? '' : `; its health check: ${said}`}`,
      hint: `Read its output with "apictl logs ${service}"; a slow machine may need more with --timeout SECONDS.`,
    };
  },
};
