import { Chalk } from 'chalk';
import { describe, expect, it } from 'vitest';
import { LogFrames } from '../../../src/adapters/engine/log-frames.ts';
import { type LogFormat, prettyFormat, rawFormat } from '../../../src/cli/report/log-lines.ts';
import { LogOutput } from '../../../src/cli/report/log-output.ts';
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

const esc = String.fromCharCode(27);
const hostile = `a${esc}[2J${esc}]0;title${String.fromCharCode(7)}\u202eb\u2028c\rd\tok${String.fromCharCode(0x9b)}`;

/** What is printed of the lines. */
function printed(format: LogFormat, ...lines: readonly LogLine[]): string {
  let text = '';
  const output = new LogOutput((bytes) => {
    text += Buffer.from(bytes).toString();
    return true;
  });
  for (const one of lines) format.put(one, output);
  output.flush();
  return text;
}

/** The same line as the engine sends it. */
function sent({ stream, timestamp, text, ...origin }: LogLine): LogLine {
  const payload = Buffer.from(`${timestamp} ${text}\n`);
  const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(payload.length, 4);
  const [framed] = new LogFrames(origin).push(Buffer.concat([header, payload]));
  if (framed?.sent === undefined) throw new Error('the line did not come as it was sent');
  return framed;
}

describe('a line for a terminal', () => {
  it('has time, service, level, message and what else it says, in columns', () => {
    const format = prettyFormat(plain, '');
    format.begin(['kong', 'backend-1']);
    expect(printed(format, line('{"level":"warn","message":"slow","request_id":"r","target":"b:1"}'))).toBe(
      '2026-01-01 (UTC)\n00:00:01.000 kong      | WARN  slow target=b:1 request_id=r\n',
    );
    expect(printed(format, line('plain', { service: 'backend-1', stream: 'stderr', timestamp: at(2) }))).toBe(
      '00:00:02.000 backend-1 !       plain\n',
    );
  });

  it('says the date when it changes', () => {
    const format = prettyFormat(plain, '');
    printed(format, line('a'));
    expect(printed(format, line('b', { timestamp: at(86_400) }))).toMatch(/^2026-01-02 \(UTC\)\n00:00:00/);
  });

  it('shows the stack trace of a record below it', () => {
    const text = '{"level":"error","message":"no","error":{"type":"X","message":"m","stack":"one\\ntwo\\n"}}';
    const rows = printed(prettyFormat(plain, ''), line(text)).split('\n').slice(1, 4);
    expect(rows).toEqual([
      '00:00:01.000 kong | ERROR no error.type=X error.message=m',
      '00:00:01.000 kong |       one',
      '00:00:01.000 kong |       two',
    ]);
  });

  it('cuts what would fill the screen, and says how much', () => {
    expect(printed(prettyFormat(plain, ''), line('x'.repeat(5_000)))).toContain('… (1000 characters more)');
  });
});

describe('what a line may do to a terminal', () => {
  it.each([
    ['a terminal', prettyFormat(plain, '')],
    ['a pipe', rawFormat(plain, '')],
  ])('is nothing, on %s', (_, format) => {
    const shown = printed(format, line(hostile));
    expect(shown).toContain('a\\x1b[2J\\x1b]0;title\\x07\\u202eb\\u2028c\\x0dd\tok\\x9b');
    expect(shown.trimEnd().replaceAll(/[\t\n]/g, '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });

  it('holds inside a JSON record and for its names too', () => {
    const text = JSON.stringify({ level: 'info', message: hostile, [`k${esc}[2J`]: hostile });
    expect(printed(prettyFormat(plain, ''), line(text))).not.toContain(esc);
  });

  it('leaves the colours out that a service put in', () => {
    expect(printed(rawFormat(plain, ''), line(`${esc}[31mred${esc}[0m`))).toMatch(/\| red\n$/);
  });
});

describe('a line that comes as bytes', () => {
  it.each([
    ['printable ASCII', '{"level":"info","message":"GET / 200"}\tok ~'],
    ['nothing', ''],
    ['other letters', 'café, 東京, 🙂'],
    ['what a terminal would obey', hostile],
    ['the last of ASCII', 'a\x7fb'],
    ['more than is printed at once', 'x'.repeat(200_000)],
  ])('is printed as its text is, with %s', (_, text) => {
    for (const stream of ['stdout', 'stderr'] as const) {
      const written = line(text, { stream });
      const format = rawFormat(plain, '');
      format.begin(['kong', 'backend-1']);
      expect(printed(format, sent(written), sent(written))).toBe(printed(format, written, written));
    }
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
