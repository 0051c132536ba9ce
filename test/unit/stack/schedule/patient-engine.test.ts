import { describe, expect, it } from 'vitest';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import { patientEngine } from '../../../../src/stack/schedule/patient-engine.ts';
import { details } from '../../../fakes/containers.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';

const unreachable = () =>
  new ApictlError({
    code: 'ENGINE_UNREACHABLE',
    exitCode: EXIT.engine,
    message: 'no Docker Engine answers at unix:///var/run/docker.sock (ECONNREFUSED)',
    object: 'unix:///var/run/docker.sock',
  });

/** An engine that is away between the two times of the clock. */
function world(away: { fromMs: number; untilMs: number }) {
  const clock = fakeClock();
  const events: Event[] = [];
  const started: string[] = [];
  const answer = async <T>(value: T): Promise<T> => {
    if (clock.now() >= away.fromMs && clock.now() < away.untilMs) throw unreachable();
    return value;
  };
  const control = new AbortController();
  const engine = patientEngine(
    {
      containers: () => answer([]),
      networks: () => answer([]),
      inspect: () => answer(details()),
      start: async (id) => {
        await answer(undefined);
        started.push(id);
      },
    },
    { clock, emit: (event) => events.push(event) },
    control.signal,
  );
  return { engine, clock, events, started, control };
}

describe('an engine that restarts in the middle of a run', () => {
  it('is waited for, and the call is made when it is back', async () => {
    const { engine, started, events } = world({ fromMs: 0, untilMs: 8_000 });
    await engine.start('kong');
    expect(started).toEqual(['kong']);
    expect(engine.outages()).toBe(1);
    expect(events.map(({ type }) => type)).toEqual(['warning', 'note']);
  });

  it('is told once, however many calls find nobody', async () => {
    const { engine, events } = world({ fromMs: 0, untilMs: 8_000 });
    await Promise.all([engine.inspect('a'), engine.inspect('b'), engine.start('c')]);
    expect(events.filter(({ type }) => type === 'warning')).toHaveLength(1);
    expect(engine.outages()).toBe(1);
  });

  it('is given up after a minute, with what to do then', async () => {
    const { engine, clock } = world({ fromMs: 0, untilMs: Number.POSITIVE_INFINITY });
    await expect(engine.containers('apictl')).rejects.toMatchObject({
      code: 'ENGINE_LOST',
      exitCode: EXIT.engine,
      hint: expect.stringContaining('apictl up'),
    });
    expect(clock.now()).toBeGreaterThanOrEqual(60_000);
    expect(clock.now()).toBeLessThan(65_000);
  });

  it('may go away a second time', async () => {
    const { engine, clock } = world({ fromMs: 0, untilMs: 1_000 });
    await engine.inspect('a');
    clock.advance(120_000);
    await engine.inspect('a');
    expect(engine.outages()).toBe(1);
  });

  it('is not waited for by somebody who was interrupted', async () => {
    const { engine, control } = world({ fromMs: 0, untilMs: Number.POSITIVE_INFINITY });
    const waiting = engine.inspect('a');
    control.abort(new Error('SIGINT'));
    await expect(waiting).rejects.toThrow('SIGINT');
  });
});

it('passes on what the engine refuses', async () => {
  const refused = new ApictlError({
    code: 'ENGINE_REFUSED',
    exitCode: EXIT.engine,
    message: 'no such container',
  });
  const { clock } = world({ fromMs: 0, untilMs: 0 });
  const engine = patientEngine(
    {
      containers: async () => [],
      networks: async () => [],
      inspect: async () => {
        throw refused;
      },
      start: async () => {},
    },
    { clock, emit: () => {} },
    new AbortController().signal,
  );
  await expect(engine.inspect('a')).rejects.toBe(refused);
});
