import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { prettyFormat, rawFormat } from '../../../src/cli/report/log-lines.ts';
import { serviceColours } from '../../../src/cli/report/service-colours.ts';
import type { LogLine } from '../../../src/core/ports/engine.ts';
import { at } from '../../fakes/log-engine.ts';

const plain = new Chalk({ level: 0 });
const line = (text: string, given: Partial<LogLine> = {}): LogLine => ({
  service: 'kong',
  container: 'c',
  stream: 'stdout',
  timestamp: at(1),
  text,
  ...given,
});

describe('a line for a terminal', () => {
  it('has time, service, level, message and what else it says, in columns', () => {
    const format = prettyFormat(plain, '');
    format.begin(['kong', 'backend-1']);
    expect(format.text(line('{"level":"warn","message":"slow","request_id":"r","target":"b:1"}'))).toBe(
      '2026-01-01 (UTC)\n00:00:01.000 kong      | WARN  slow target=b:1 request_id=r\n',
    );
    expect(format.text(line('plain', { service: 'backend-1', stream: 'stderr', timestamp: at(2) }))).toBe(
      '00:00:02.000 backend-1 !       plain\n',
    );
  });

  it('says the date when it changes', () => {
    const format = prettyFormat(plain, '');
    format.text(line('a'));
    expect(format.text(line('b', { timestamp: at(86_400) }))).toMatch(/^2026-01-02 \(UTC\)\n00:00:00/);
  });

  it('shows the stack trace of a record below it', () => {
    const text = '{"level":"error","message":"no","error":{"type":"X","message":"m","stack":"one\\ntwo\\n"}}';
    const rows = prettyFormat(plain, '').text(line(text)).split('\n').slice(1, 4);
    expect(rows).toEqual([
      '00:00:01.000 kong | ERROR no error.type=X error.message=m',
      '00:00:01.000 kong |       one',
      '00:00:01.000 kong |       two',
    ]);
  });

  it('cuts what would fill the screen, and says how much', () => {
    expect(prettyFormat(plain, '').text(line('x'.repeat(5_000)))).toContain('… (1000 characters more)');
  });
});

describe('what a line may do to a terminal', () => {
  const esc = String.fromCharCode(27);
  const hostile = `a${esc}[2J${esc}]0;title${String.fromCharCode(7)}\u202eb\u2028c\rd\tok${String.fromCharCode(0x9b)}`;

  it.each([
    ['a terminal', prettyFormat(plain, '')],
    ['a pipe', rawFormat(plain, '')],
  ])('is nothing, on %s', (_, format) => {
    const shown = format.text(line(hostile));
    expect(shown).toContain('a\\x1b[2J\\x1b]0;title\\x07\\u202eb\\u2028c\\x0dd\tok\\x9b');
    expect(shown.trimEnd().replaceAll(/[\t\n]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });

  it('holds inside a JSON record and for its names too', () => {
    const text = JSON.stringify({ level: 'info', message: hostile, [`k${esc}[2J`]: hostile });
    expect(prettyFormat(plain, '').text(line(text))).not.toContain(esc);
  });

  it('leaves the colours out that a service put in', () => {
    expect(rawFormat(plain, '').text(line(`${esc}[31mred${esc}[0m`))).toMatch(/\| red\n$/);
  });
});

describe('the colour of a service', () => {
  const colours = serviceColours(new Chalk({ level: 1 }), 'xterm-256color');

  it('is always the same, and another for the next replica', () => {
    expect(colours('kong')('x')).toBe(serviceColours(new Chalk({ level: 1 }), 'xterm-256color')('kong')('x'));
    expect(new Set(['backend-1', 'backend-2', 'backend-3'].map((name) => colours(name)('x'))).size).toBe(3);
  });

  it('is none where none is wanted', () => {
    expect(serviceColours(plain, 'xterm-256color')('kong')('x')).toBe('x');
  });
});
