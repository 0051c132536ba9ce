import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { errorDocument, errorText } from '../../../src/cli/report/error.ts';
import { withRun } from '../../../src/core/check-history.ts';
import { ServicesNotReady } from '../../../src/diagnosis/error.ts';
import { listeningPorts } from '../../../src/diagnosis/listeners.ts';
import { serviceReport, serviceReportSchema } from '../../../src/diagnosis/report.ts';
import { details } from '../../fakes/containers.ts';

const plain = new Chalk({ level: 0 });
const run = { exitCode: 1, output: 'connection refused\n' };
const checks = [1_000, 2_000, 3_000].reduce(
  (history, endMs) => withRun(history, { ...run, endMs }),
  withRun([], { exitCode: 7, output: 'booting', endMs: 0 }),
);
const report = serviceReport(
  {
    service: 'postgres',
    ending: 'deadline',
    details: details({
      service: 'postgres',
      name: 'apictl-postgres-1',
      healthTest: ['CMD', 'pg_isready', '-q'],
      containerPorts: [5432],
      restarts: 2,
    }),
    exitCode: null,
    refusal: '',
    log: [
      {
        service: '',
        container: 'id',
        stream: 'stderr',
        timestamp: '2026-01-01T10:00:00.5Z',
        text: 'starting',
      },
    ],
    upstreamLog: [],
    checks,
    listening: [],
    room: [],
  },
  {
    service: 'postgres',
    rule: 'nothing-listens',
    weight: 'vague',
    cause: 'does not listen',
    hint: 'Wait.',
    becauseOf: null,
  },
  ['kong', 'kong-migrations'],
);
const failure = new ServicesNotReady([report], ['logging']);

describe('the report of a service that is not ready', () => {
  it('is for people: cause, check with its answers and times, ports, log, what it blocks, what to type', () => {
    expect(errorText(failure, plain)).toBe(
      `${[
        'error postgres is not ready',
        '',
        '✗ postgres does not listen',
        '  state    running, restarted 2 times',
        '  check    pg_isready -q',
        '           00:00:00 exit 7: booting',
        '           00:00:01 to 00:00:03, 3 times exit 1: connection refused',
        '  ports    5432 does not listen',
        '  log      10:00:00 starting',
        '  blocks   kong, kong-migrations (never started)',
        '  next     Wait.',
        '',
        'healthy and still up: logging',
      ].join('\n')}\n`,
    );
  });

  it('is for programs: every fact in error.services of the error document', () => {
    const { error } = errorDocument(failure) as { error: { code: string; services: unknown[] } };
    expect(error.code).toBe('SERVICE_UNHEALTHY');
    expect(serviceReportSchema.parse(error.services[0])).toMatchObject({
      service: 'postgres',
      rule: 'nothing-listens',
      restarts: 2,
      healthCheck: {
        command: 'pg_isready -q',
        runs: [
          { exitCode: 7, times: 1 },
          { exitCode: 1, times: 3, first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:00:03.000Z' },
        ],
      },
      ports: [{ port: 5432, listening: false }],
      notStarted: ['kong', 'kong-migrations'],
    });
  });
});

describe('the ports that a container listens on', () => {
  it('come from its own tables, without Docker’s name server', () => {
    const tables = [
      '  sl  local_address rem_address   st tx_queue rx_queue',
      '   0: 0B00007F:9C43 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
      '   1: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2',
      '   2: 0100007F:1F41 0100007F:AAAA 01 00000000:00000000 00:00000000 00000000     0        0 3',
      '  sl  local_address                         remote_address                        st',
      '   0: 00000000000000000000000000000000:1538 00000000000000000000000000000000:0000 0A 0 0 0 0 0 4',
    ].join('\n');
    expect(listeningPorts(tables)).toEqual([5432, 8000]);
  });
});
