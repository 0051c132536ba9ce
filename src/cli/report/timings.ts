import type { ChalkInstance } from 'chalk';
import type { UpResult } from '../../app/up/model.ts';
import { table } from './table.ts';

type Service = UpResult['services'][number];

/** When each service was created, started and ready, what it waited for, and what the whole run waited for. */
export function timingsText({ services, criticalPath }: UpResult, paint: ChalkInstance): string {
  const busy = services.filter(({ readySeconds }) => readySeconds > 0);
  const rows = busy.map((service) => {
    const { name, action, createdSeconds, startedSeconds, readySeconds, waitedFor } = service;
    return [
      name,
      action,
      moment(createdSeconds),
      moment(startedSeconds),
      moment(readySeconds),
      moment(tookSeconds(service)),
      waitedFor ?? '-',
    ];
  });
  const kept = services.length - busy.length;
  return [
    ...(busy.length === 0
      ? []
      : [table(['SERVICE', 'ACTION', 'CREATED', 'STARTED', 'READY', 'TOOK', 'WAITED FOR'], rows, paint)]),
    ...(kept === 0 ? [] : [`${kept} ${kept === 1 ? 'service was' : 'services were'} ready before`]),
    `critical path: ${pathText(services, criticalPath)}`,
  ].join('\n');
}

/** Each service of the path with what it added: from the end of the one before it, or from its own start. */
function pathText(services: readonly Service[], path: readonly string[]): string {
  if (path.length === 0) return 'nothing had to be waited for';
  const readyOf = (name: string | undefined): number =>
    services.find((service) => service.name === name)?.readySeconds ?? 0;
  return path
    .map((name, at) => {
      const before = at === 0 ? (startOf(services, name) ?? 0) : readyOf(path[at - 1]);
      return `${name} ${moment(Math.max(0, readyOf(name) - before))}`;
    })
    .join(' -> ');
}

const startOf = (services: readonly Service[], name: string): number | null | undefined =>
  services.find((service) => service.name === name)?.startedSeconds;

const tookSeconds = ({ startedSeconds, readySeconds }: Service): number | null =>
  startedSeconds === null ? null : Math.max(0, readySeconds - startedSeconds);

const moment = (seconds: number | null): string => (seconds === null ? '-' : `${seconds.toFixed(2)} s`);
