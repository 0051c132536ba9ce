import { withExamples } from '../examples.ts';
import type { Register } from '../program.ts';

export const registerOpen: Register = (program, run) =>
  withExamples(
    program
      .command('open <what>')
      .description('where a service is reached and how one logs in; on a desktop, open it in the browser')
      .action(run(async () => (await import('../actions/open.ts')).openAction)),
    ['apictl open grafana', 'its URL, its login, and the browser'],
    ['apictl open logging --json', 'the same for a program, without a browser'],
  );
