import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/core/ports/engine.ts';
import { Cursor } from '../../../src/logs/cursor.ts';
import { at } from '../../fakes/log-engine.ts';

const line = (timestamp: string, text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({
  service: 's',
  container: 'c',
  stream,
  timestamp,
  text,
});

describe('a place in a log', () => {
  it('begins where it is told to', () => {
    expect(new Cursor().resume()).toBeUndefined();
    expect(new Cursor(at(5)).resume()).toBe(at(5));
  });

  it('is never before the first line that was wanted', () => {
    const cursor = new Cursor();
    cursor.accept(line(at(10), 'a'));
    expect(cursor.resume()).toBe(at(10));
  });

  it('is a little before the last line, for those whose time crosses', () => {
    const cursor = new Cursor();
    for (const second of [1, 10]) cursor.accept(line(at(second), 'a'));
    expect(cursor.resume()).toBe(at(8));
  });

  it('tells lines of one moment apart by stream and text', () => {
    const cursor = new Cursor();
    const lines = [line(at(1), 'a'), line(at(1), 'b'), line(at(1), 'a', 'stderr')];
    expect(lines.map((each) => cursor.accept(each))).toEqual([true, true, true]);
    expect(lines.map((each) => cursor.accept(each))).toEqual([false, false, false]);
  });

  it('goes back no further than it remembers', () => {
    const cursor = new Cursor();
    for (let index = 0; index <= 20_000; index += 1) cursor.accept(line(at(1, index), 'x'));
    const resumed = cursor.resume() ?? '';
    expect(resumed > at(1)).toBe(true);
    expect(cursor.accept(line(resumed, 'x'))).toBe(false);
  });
});
