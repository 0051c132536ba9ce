import { Option } from 'commander';
import { LEVELS } from '../../logs/level.ts';
import { wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerLogs: Register = (program, run) =>
  program
    .command('logs [services...]')
    .description('the logs of all services, merged by time; follows across restarts')
    .addOption(new Option('--follow', 'go on with new lines until interrupted').conflicts(['until', 'store']))
    .option('--since <time>', 'from then on: 10m, 2h30m, or a date')
    .option('--until <time>', 'up to then')
    .option('--tail <lines>', 'the last lines of each container', wholeNumber())
    .option('--grep <regex>', 'only lines that match')
    .addOption(new Option('--level <level>', 'only lines at least as severe').choices([...LEVELS]))
    .option('--request-id <id>', 'only lines of one request')
    .option('--store', 'ask the logging service instead: also what was rotated away')
    .action(run(async () => (await import('../actions/logs.ts')).logsAction));
