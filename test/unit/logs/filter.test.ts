import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/core/ports/engine.ts';
import { type LineFilter, lineFilter } from '../../../src/logs/filter.ts';
import { compilePattern } from '../../../src/logs/pattern.ts';

const kept = (filter: LineFilter, texts: readonly string[], stream: LogLine['stream'] = 'stdout') => {
  const isWanted = lineFilter(filter);
  return texts.filter((text) => isWanted({ service: 's', container: 'c', timestamp: '', stream, text }));
};

describe('filtering lines', () => {
  it('wants what passes every filter', () => {
    const both = '{"level":"error","message":"x","request_id":"r-1"}';
    const wrongId = '{"level":"error","message":"x","request_id":"r-2"}';
    const wrongLevel = '{"level":"info","message":"x","request_id":"r-1"}';
    expect(kept({ level: 'warn', requestId: 'r-1' }, [both, wrongId, wrongLevel])).toEqual([both]);
  });

  it('by level leaves out lines that say none, unless everything is wanted', () => {
    expect(kept({ level: 'debug' }, ['plain'])).toEqual([]);
    expect(kept({ level: 'trace' }, ['plain'])).toEqual(['plain']);
  });

  it('by request id takes whole ids only, wherever the line has them', () => {
    const texts = ['id=r-1', 'id=r-10', 'id=xr-1', '"r-1"', 'r-1#2', 'r-10 and r-1'];
    expect(kept({ requestId: 'r-1' }, texts)).toEqual(['id=r-1', '"r-1"', 'r-10 and r-1']);
  });

  it('keeps a Python traceback with the line that it belongs to, to its last line', () => {
    const trace = [
      'ERROR: no',
      'Traceback (most recent call last):',
      '  File "x", line 1',
      'ValueError: bad',
    ];
    expect(kept({ level: 'error' }, ['INFO: a', ...trace, 'INFO: b'])).toEqual(trace);
  });

  it('keeps a Java trace, and what PostgreSQL adds, with their lines', () => {
    const java = ['ERROR: no', '\tat a.b(C.java:1)', 'Caused by: x', '\t... 12 more'];
    expect(kept({ grep: compilePattern('--grep', 'no') }, [...java, 'other'])).toEqual(java);
    const postgres = [
      '2026-11-26 08:00:00 UTC [31] ERROR:  relation "x" does not exist',
      '2026-11-26 08:00:00 UTC [31] STATEMENT:  select * from x',
    ];
    expect(kept({ level: 'error' }, postgres)).toEqual(postgres);
    expect(kept({ grep: compilePattern('--grep', 'relation') }, postgres)).toEqual(postgres);
  });

  it('does not let a line of one stream go on with the other', () => {
    const isWanted = lineFilter({ level: 'error' });
    const line = (stream: LogLine['stream'], text: string) =>
      isWanted({ service: 's', container: 'c', timestamp: '', stream, text });
    expect([line('stdout', 'ERROR: a'), line('stderr', '  indented'), line('stdout', '  more')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('shows a line of a trace that matches by itself, but not the rest', () => {
    const grep = compilePattern('--grep', 'needle');
    expect(kept({ grep }, ['head', '  a needle', '  hay'])).toEqual(['  a needle']);
  });
});

describe('a pattern', () => {
  it('has the meaning of a regular expression', () => {
    expect(compilePattern('--grep', '(?i)^a.c|9{3}').matches('ABC')).toBe(true);
    expect(compilePattern('--grep', 'a.c').matches('abd')).toBe(false);
    expect(compilePattern('--grep', 'GET /api').matches('"GET /api/x"')).toBe(true);
  });

  it('that would keep a backtracking engine busy for ever answers', () => {
    const text = `${'a'.repeat(20_000)}!`;
    expect(compilePattern('--grep', '^(a+)+$').matches(text)).toBe(false);
    expect(compilePattern('--grep', '^(a|aa)*$').matches(text)).toBe(false);
  });

  it.each(['(', 'a(?=b)', '(a)\\1', '['])('%s is refused as a usage error', (text) => {
    expect(() => compilePattern('--grep', text)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', exitCode: 64 }),
    );
  });
});
