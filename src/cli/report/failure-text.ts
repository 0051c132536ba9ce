import type { ChalkInstance } from 'chalk';
import type { ServicesNotReady } from '../../diagnosis/error.ts';
import type { ServiceReport } from '../../diagnosis/report.ts';

const LOG_LINES = 12;
const LABEL = 8;

/** Services that are not ready, for people: each with its cause, what shows it, and what to type next. */
export function failureText(failure: ServicesNotReady, paint: ChalkInstance): string {
  const count = failure.services.length;
  const [first] = failure.services;
  const headline = count === 1 ? `${first?.service} is not ready` : `${count} services are not ready`;
  return [
    `${paint.red('error')} ${headline}`,
    ...failure.services.flatMap((report) => ['', ...serviceLines(report, paint)]),
    '',
    ...failure.further,
    failure.stillUp.length === 0
      ? 'nothing else had to be started'
      : `healthy and still up: ${failure.stillUp.join(', ')}`,
  ].join('\n');
}

function serviceLines(report: ServiceReport, paint: ChalkInstance): string[] {
  const { service, cause, hint, exitCode, restarts, state, notStarted } = report;
  const line = (label: string, text: string): string => `  ${paint.dim(label.padEnd(LABEL))} ${text}`;
  const facts = [
    ...(state === null ? [] : [state]),
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(restarts === 0 ? [] : [`restarted ${restarts === 1 ? 'once' : `${restarts} times`}`]),
  ];
  return [
    `${paint.red('✗')} ${paint.bold(service)} ${cause}`,
    ...(facts.length === 0 ? [] : [line('state', facts.join(', '))]),
    ...checkLines(report, line, paint),
    ...portLines(report, line, paint),
    ...logLines(report, line, paint),
    ...(notStarted.length === 0 ? [] : [line('blocks', `${notStarted.join(', ')} (never started)`)]),
    line('next', paint.cyan(hint)),
  ];
}

type Line = (label: string, text: string) => string;

function checkLines({ healthCheck, exitCode }: ServiceReport, line: Line, paint: ChalkInstance): string[] {
  // What ended has no use for its check, unless that was seen to fail.
  if (healthCheck === null || (exitCode !== null && healthCheck.runs.length === 0)) return [];
  return [
    line('check', healthCheck.command.replaceAll(/\s+/g, ' ').slice(0, 160)),
    ...(healthCheck.runs.length === 0 ? [line('', paint.dim('has not run yet'))] : []),
    ...healthCheck.runs.map(({ exitCode, output, times, first, last }) => {
      const when = times === 1 ? clock(last) : `${clock(first)} to ${clock(last)}, ${times} times`;
      const said = output === '' ? 'no output' : (output.split('\n').at(-1) ?? '').slice(0, 160);
      return line('', `${paint.dim(when)} exit ${exitCode}: ${said}`);
    }),
  ];
}

function portLines({ ports }: ServiceReport, line: Line, paint: ChalkInstance): string[] {
  const known = ports.filter(({ listening }) => listening !== null);
  if (known.length === 0) return [];
  const texts = known.map(({ port, listening }) =>
    listening === true ? `${port} listens` : paint.yellow(`${port} does not listen`),
  );
  return [line('ports', texts.join(', '))];
}

function logLines({ log }: ServiceReport, line: Line, paint: ChalkInstance): string[] {
  if (log.length === 0) return [line('log', paint.dim('it has written nothing'))];
  return log
    .slice(-LOG_LINES)
    .map(({ time, text }, index) =>
      line(index === 0 ? 'log' : '', `${paint.dim(clock(time))} ${text.slice(0, 400)}`),
    );
}

/** `08:10:01` of an ISO time, in UTC as the containers' own lines are. */
const clock = (iso: string): string => iso.slice(11, 19);
