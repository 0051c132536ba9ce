import { listAlerts } from '../../app/alerts/list.ts';
import type { AlertList, AlertTest } from '../../app/alerts/model.ts';
import { silence, unsilence } from '../../app/alerts/silence.ts';
import { testAlerts } from '../../app/alerts/test.ts';
import { durationMs } from '../../core/duration.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { age } from '../report/durations.ts';
import { table } from '../report/table.ts';

export const alertsLs = async (context: Context) => {
  const list = await listAlerts(context.world, await openProject(context));
  const nowMs = context.world.clock.now();
  printResult(context, list, (result, paint) => listText(result, paint, nowMs));
  return EXIT.ok;
};

function listText({ alerts, silences }: AlertList, paint: Context['paint'], nowMs: number): string {
  const rows = alerts.map(({ name, severity, state, since, summary }) => [
    name,
    severity === 'critical' ? paint.red(severity) : severity,
    state,
    age(Math.max(0, (nowMs - Date.parse(since)) / 1000)),
    summary,
  ]);
  const todo = alerts
    .filter(({ severity, runbook }) => severity !== 'none' && runbook !== '')
    .map(({ name, runbook }) => `${name}: ${runbook}`);
  const quiet = silences.map(({ id, labels, until, by, comment }) => [
    id,
    Object.entries(labels)
      .map((pair) => pair.join('='))
      .join(' '),
    until,
    by,
    comment,
  ]);
  return [
    alerts.length === 0
      ? 'nothing fires'
      : table(['ALERT', 'SEVERITY', 'STATE', 'SINCE', 'SUMMARY'], rows, paint),
    ...(todo.length === 0 ? [] : ['', 'What to do', ...new Set(todo)]),
    ...(quiet.length === 0
      ? []
      : ['', table(['SILENCE', 'ALERTS WITH', 'UNTIL', 'BY', 'COMMENT'], quiet, paint)]),
  ].join('\n');
}

export const alertsTest = async (context: Context, flags: { readonly timeout: number }) => {
  const result = await testAlerts(context.world, await openProject(context), flags.timeout);
  printResult(context, result, testText);
  return result.receivers.every(({ state }) => state === 'delivered') ? EXIT.ok : EXIT.unhealthy;
};

const testText = ({ receivers }: AlertTest, paint: Context['paint']): string =>
  table(
    ['RECEIVER', 'STATE', 'AFTER', 'FOUND'],
    receivers.map(({ name, state, seconds, found }) => [
      name,
      state === 'delivered' ? paint.green(state) : paint.red(state),
      seconds === null ? '-' : `${seconds.toFixed(1)} s`,
      found,
    ]),
    paint,
  );

interface SilenceFlags {
  readonly for: string;
  readonly label?: readonly string[];
  readonly comment: string;
  readonly remove?: string;
}

export const alertsSilence = async (context: Context, alert: string | undefined, flags: SilenceFlags) => {
  const project = await openProject(context);
  if (flags.remove !== undefined) {
    await unsilence(context.world, project, flags.remove);
    printResult(context, { removed: flags.remove }, ({ removed }) => `the silence ${removed} is over`);
    return EXIT.ok;
  }
  const labels = {
    ...(alert === undefined ? {} : { alertname: alert }),
    ...Object.fromEntries((flags.label ?? []).map(labelOf)),
  };
  // A silence of everything is what nobody means who forgets a word.
  if (Object.keys(labels).length === 0) throw invalid('say which alert, or give --label');
  const forMs = durationMs(flags.for);
  if (forMs === null || forMs === 0) throw invalid(`--for is no duration: "${flags.for}"`);
  const by = context.world.environment.USER ?? 'apictl';
  const made = await silence(context.world, project, { labels, forMs, by, comment: flags.comment });
  printResult(
    context,
    { ...made, labels },
    ({ id, until }) => `silent until ${until}\n"apictl alerts silence --remove ${id}" ends it before`,
  );
  return EXIT.ok;
};

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw invalid(`--label needs NAME=VALUE, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

const invalid = (message: string) =>
  new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message,
    object: 'alerts silence',
    hint: 'As "apictl alerts silence HighLatency --for 1h30m --label route=api".',
  });
