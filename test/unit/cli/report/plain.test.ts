import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { jsonReporter } from '../../../../src/cli/report/json.ts';
import { plainReporter, quietReporter } from '../../../../src/cli/report/plain.ts';
import { quietly } from '../../../../src/cli/report/reporter.ts';
import type { Event } from '../../../../src/core/events.ts';

const paint = new Chalk({ level: 0 });
const noonMs = new Date(2026, 10, 26, 12, 0, 5).getTime();
const nowMs = () => noonMs;

const events: readonly Event[] = [
  { type: 'service.creating', service: 'kong', why: 'not there' },
  { type: 'service.started', service: 'kong' },
  { type: 'service.ready', service: 'kong', ms: 6100 },
  { type: 'warning', text: 'the disk is nearly full' },
];

function written(make: (write: (text: string) => void) => { emit: (event: Event) => void }): string {
  const out: string[] = [];
  const reporter = make((text) => void out.push(text));
  for (const event of events) reporter.emit(event);
  return out.join('');
}

it('writes a line with the time of day for what ended', () => {
  const text = written((write) => plainReporter(write, { nowMs, paint, verbose: false }));
  expect(text).toBe('12:00:05 ✓ kong ready at 6.1 s\n12:00:05 ! the disk is nearly full\n');
});

it('writes also what begins when it is to be verbose', () => {
  const text = written((write) => plainReporter(write, { nowMs, paint, verbose: true }));
  expect(text.split('\n').slice(0, 2)).toEqual(['12:00:05   kong: not there', '12:00:05   kong started']);
});

it('writes only warnings and failures when it is to be quiet', () => {
  expect(written((write) => quietReporter(write, paint))).toBe('! the disk is nearly full\n');
});

it('writes only warnings and failures as JSON documents when it is to be quiet', () => {
  const text = written((write) => quietly(jsonReporter(write, nowMs)));
  expect(JSON.parse(text)).toMatchObject({ event: 'warning', text: 'the disk is nearly full' });
});

it('writes every event as a JSON document with its time', () => {
  const lines = written((write) => jsonReporter(write, nowMs))
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(
    events.map(({ type, ...facts }) => ({ time: new Date(noonMs).toISOString(), event: type, ...facts })),
  );
});

it('says how often a service was restarted before it was ready', () => {
  const out: string[] = [];
  const { emit } = plainReporter((text) => void out.push(text), { nowMs, paint, verbose: false });
  emit({ type: 'service.ready', service: 'kong', ms: 31_000, restarts: 1 });
  emit({ type: 'service.ready', service: 'kong', ms: 31_000, restarts: 3 });
  expect(out.join('')).toBe(
    '12:00:05 ✓ kong ready at 31.0 s, after a restart\n12:00:05 ✓ kong ready at 31.0 s, after 3 restarts\n',
  );
});
