import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import type { UpResult } from '../../../../src/app/up/model.ts';
import { timingsText } from '../../../../src/cli/report/timings.ts';

const paint = new Chalk({ level: 0 });

const result = (given: Partial<UpResult>): UpResult => ({
  state: 'healthy',
  images: 'embedded',
  seconds: 9,
  criticalPath: [],
  services: [],
  urls: {},
  table: [],
  ...given,
});

const kept = {
  name: 'prometheus',
  action: 'unchanged',
  createdSeconds: null,
  startedSeconds: null,
  readySeconds: 0,
  waitedFor: null,
} as const;

it('shows when each service was created, started and ready, and what each of the critical path added', () => {
  const services = [
    {
      ...kept,
      name: 'postgres',
      action: 'created' as const,
      createdSeconds: 1,
      startedSeconds: 1.5,
      readySeconds: 3,
    },
    {
      name: 'kong',
      action: 'started' as const,
      createdSeconds: null,
      startedSeconds: 3.02,
      readySeconds: 8.25,
      waitedFor: 'postgres',
    },
    kept,
  ];
  expect(timingsText(result({ services, criticalPath: ['postgres', 'kong'] }), paint).split('\n')).toEqual([
    'SERVICE   ACTION   CREATED  STARTED  READY   TOOK    WAITED FOR',
    'postgres  created  1.00 s   1.50 s   3.00 s  1.50 s  -',
    'kong      started  -        3.02 s   8.25 s  5.23 s  postgres',
    '1 service was ready before',
    'critical path: postgres 1.50 s -> kong 5.25 s',
  ]);
});

it('says that nothing had to be waited for', () => {
  expect(timingsText(result({ services: [kept] }), paint)).toBe(
    '1 service was ready before\ncritical path: nothing had to be waited for',
  );
});
