import type { ChalkInstance } from 'chalk';
import type { UpResult } from '../../app/up/model.ts';
import { table } from './table.ts';
import { timingsText } from './timings.ts';

/** What `up` prints at its end. What each service is, and why, is told when one of them was made or started. */
export function upText(result: UpResult, paint: ChalkInstance, withTimings: boolean): string {
  const isIdle = result.services.every(({ action }) => action === 'unchanged');
  const seconds = `${result.seconds.toFixed(1)} s`;
  const sections = [
    ...(isIdle ? [] : [tableText(result.table, paint), '']),
    ...Object.entries(result.urls).map(([name, url]) => `${name.padEnd(14)} ${url}`),
  ];
  if (withTimings) sections.push('', timingsText(result, paint));
  const end = isIdle ? `, nothing to do (${seconds})` : ` after ${seconds}`;
  return [...sections, '', `${paint.green('healthy')}${end}`].join('\n');
}

export function tableText(rows: UpResult['table'], paint: ChalkInstance): string {
  const kinds = {
    real: paint.green('real'),
    substitute: paint.yellow('substitute'),
    'left out': paint.dim('left out'),
  };
  return table(
    ['SERVICE', 'IS', 'WHY'],
    rows.map(({ service, kind, why }) => [service, kinds[kind], why]),
    paint,
  );
}
