import type { ChalkInstance } from 'chalk';
import type { ServiceStatus, Status } from '../../app/status/model.ts';
import { status } from '../../app/status/status.ts';
import { bytes } from '../../core/bytes.ts';
import { EXIT } from '../../core/errors.ts';
import { interruptedExitCode } from '../../core/interruption.ts';
import { type Context, openProject, printResult } from '../context.ts';
import { age } from '../report/durations.ts';
import { fitting } from '../report/rows.ts';
import { table } from '../report/table.ts';

const WATCH_EVERY_MS = 2_000;
/** Home, then erase below: the picture is drawn over itself without flicker. */
const REDRAW = '\u001b[H\u001b[J';

export const statusAction = async (context: Context, flags: { readonly watch?: boolean }) => {
  const project = await openProject(context);
  const { world } = context;
  if (flags.watch === true) {
    while (!world.signal.aborted) {
      const current = await status(world, project);
      const isDrawn = context.globals.json !== true && context.isInteractive;
      if (isDrawn) context.print(REDRAW);
      const { columns = 80, rows = 24 } = process.stdout;
      printResult(context, current, (found, paint) => {
        const text = statusText(found, paint);
        return isDrawn ? fitting(text, { columns, rows }) : text;
      });
      await world.clock.sleep(WATCH_EVERY_MS, world.signal);
    }
    return interruptedExitCode(world.signal);
  }
  const current = await status(world, project);
  printResult(context, current, statusText);
  return current.state === 'healthy' ? EXIT.ok : EXIT.unhealthy;
};

export function statusText(status: Status, paint: ChalkInstance): string {
  if (status.state === 'stopped' && status.services.length === 0 && status.warnings.length === 0) {
    return `${status.project} is ${paint.yellow('stopped')}; "apictl up" brings it up`;
  }
  const sections = [
    headline(status, paint),
    table(
      ['SERVICE', 'STATE', 'UP', 'CPU', 'MEMORY', 'PORTS'],
      status.services.map((service) => row(service, paint)),
      paint,
    ),
    ...problems(status, paint),
    ...kong(status, paint),
    ...status.warnings.map((warning) => `${paint.yellow('!')} ${warning}`),
  ];
  return sections.join('\n');
}

function headline(status: Status, paint: ChalkInstance): string {
  const colour =
    status.state === 'healthy' ? paint.green : status.state === 'degraded' ? paint.red : paint.yellow;
  const images = status.images === null ? '' : `, ${status.images} images`;
  return `${paint.bold(status.project)} is ${colour(status.state)}${images}`;
}

function row(service: ServiceStatus, paint: ChalkInstance): string[] {
  const isRunning = service.state === 'running';
  return [
    service.name,
    service.problem === null ? stateWord(service) : paint.red(stateWord(service)),
    isRunning ? age(service.uptimeSeconds) : '-',
    isRunning ? `${service.cpuPercent} %` : '-',
    isRunning ? bytes(service.memoryBytes) : '-',
    service.ports.map((port) => port.replace('/tcp', '')).join(' '),
  ];
}

const stateWord = ({ state, health, problem }: ServiceStatus): string => {
  if (state === 'running') return health === 'none' ? 'running' : health;
  return state === 'exited' && problem === null ? 'done' : state;
};

/** What failed first, with what to do; then, a line each, what only waits for it. */
function problems(status: Status, paint: ChalkInstance): string[] {
  const unwell = status.services.flatMap(({ name, problem }) =>
    problem === null ? [] : [{ name, ...problem }],
  );
  const causes = unwell.filter(({ becauseOf }) => becauseOf === null);
  const waiting = unwell.filter(({ becauseOf }) => becauseOf !== null);
  return [
    ...causes.flatMap(({ name, cause, hint }) => [
      `${paint.red('✗')} ${name} ${cause}`,
      `  ${paint.cyan('hint')} ${hint}`,
    ]),
    ...waiting.map(({ name, cause }) => `${paint.yellow('-')} ${name} ${cause}`),
  ];
}

function kong({ kong }: Status, paint: ChalkInstance): string[] {
  return kong.upstreams.map(({ name, targets }) => {
    const shown = targets.map(({ target, weight, health }) => {
      const isWell = health === 'HEALTHY' || health === 'HEALTHCHECKS_OFF' || weight === 0;
      const text = `${target} ${health.toLowerCase()}${weight === 0 ? ' (weight 0)' : ''}`;
      return isWell ? text : paint.red(text);
    });
    return `${paint.dim('upstream')} ${name}: ${shown.join(', ')}`;
  });
}
