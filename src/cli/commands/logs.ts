import { Option } from 'commander';
import { LEVELS } from '../../logs/level.ts';
import { withExamples } from '../examples.ts';
import { notEmpty, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerLogs: Register = (program, run) =>
  withExamples(
    program
      .command('logs [services...]')
      .description('the logs of all services, merged by time; follows across restarts')
      .addOption(
        new Option('--follow', 'go on with new lines until interrupted').conflicts(['until', 'store']),
      )
      .option('--since <time>', 'from then on: 10m, 2h30m, or a date')
      .option('--until <time>', 'up to then')
      .option('--tail <lines>', 'the last lines of all together that pass the filters', wholeNumber())
      .option('--grep <regex>', 'only lines that match (RE2 syntax; (?i) ignores case)')
      .addOption(new Option('--level <level>', 'only lines at least as severe').choices([...LEVELS]))
      .option('--request-id <id>', 'only lines of one request, with the gateway’s record of it', notEmpty)
      .option('--store', 'ask the logging service instead: also what was rotated away')
      .option('--raw', 'lines as written, as they go to a pipe or a file')
      .action(run(async () => (await import('../actions/logs.ts')).logsAction)),
    ['apictl logs --follow --level warn', 'what goes wrong, as it happens'],
    ['apictl logs kong backend --since 10m', 'the gateway and every backend'],
    ['apictl logs --request-id ID', 'one request through all services'],
  );
