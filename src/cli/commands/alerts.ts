import { withExamples } from '../examples.ts';
import { wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerAlerts: Register = (program, run) => {
  const alerts = withExamples(
    program.command('alerts').description('what fires, whether receivers are told, and silences'),
    ['apictl alerts ls', 'what fires now'],
  );
  withExamples(
    alerts
      .command('ls')
      .description('alerts that are pending or firing, with what to do, and the silences that hold')
      .action(run(async () => (await import('../actions/alerts.ts')).alertsLs)),
    ['apictl alerts ls', 'what fires now, and what to do'],
  );
  withExamples(
    alerts
      .command('test')
      .description('send a test alert and follow it to every receiver')
      .option('--timeout <seconds>', 'how long receivers may take', wholeNumber(), 60)
      .action(run(async () => (await import('../actions/alerts.ts')).alertsTest)),
    ['apictl alerts test', 'does everybody hear of it?'],
  );
  withExamples(
    alerts
      .command('silence [alert]')
      .description('tell nobody of an alert for a while')
      .option('--for <duration>', 'how long, as 30m, 2h or 1d', '2h')
      .option('--label <name=value...>', 'only alerts with these labels')
      .option('--comment <text>', 'why', 'silenced with apictl')
      .option('--remove <id>', 'end a silence instead')
      .action(run(async () => (await import('../actions/alerts.ts')).alertsSilence)),
    ['apictl alerts silence HighLatency --for 1h', 'during a load test'],
    ['apictl alerts silence --remove ID', 'the id is in "alerts ls"'],
  );
};
