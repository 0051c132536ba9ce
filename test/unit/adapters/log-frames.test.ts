import { describe, expect, it } from 'vitest';
import { LogFrames } from '../../../src/adapters/engine/log-frames.ts';
import { engineTime } from '../../../src/adapters/engine/logs.ts';
import type { LogLine } from '../../../src/core/ports/engine.ts';
import { at } from '../../fakes/log-engine.ts';

const frame = (stream: 1 | 2, payload: string | Buffer): Buffer => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, Buffer.from(payload)]);
};

function read(bytes: Buffer, step = bytes.length) {
  const frames = new LogFrames({ service: 's', container: 'c' });
  const read: (readonly [string, string, string])[] = [];
  const take = (lines: readonly LogLine[]): void => {
    for (const { stream, timestamp, text } of lines) read.push([stream, timestamp, text]);
  };
  for (let from = 0; from < bytes.length; from += step) {
    // The engine's bytes are written over when they are done with.
    const chunk = Buffer.from(bytes.subarray(from, from + step));
    take(frames.push(chunk));
    chunk.fill(0);
  }
  take(frames.end());
  return read;
}

describe('the engine’s log stream', () => {
  it.each([1, 3, 1000])('gives the lines of both streams, cut at every %i bytes', (step) => {
    const bytes = Buffer.concat([
      frame(1, `${at(1)} café\n`),
      frame(2, `${at(2)} wrong\r\n`),
      frame(1, `${at(3)} \n`),
    ]);
    expect(read(bytes, step)).toEqual([
      ['stdout', at(1), 'café'],
      ['stderr', at(2), 'wrong'],
      ['stdout', at(3), ''],
    ]);
  });

  it('joins the pieces of a long line, without the time before each and also inside a character', () => {
    const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const bytes = Buffer.concat([
      frame(1, Buffer.concat([Buffer.from(`${at(1)} a`), first])),
      frame(2, `${at(1)} between\n`),
      frame(1, Buffer.concat([Buffer.from(`${at(1)} `), second, Buffer.from('b\n')])),
    ]);
    expect(read(bytes)).toEqual([
      ['stderr', at(1), 'between'],
      ['stdout', at(1), 'aéb'],
    ]);
  });

  it('gives lines that cannot be read any more when the next bytes have come', () => {
    const frames = new LogFrames({ service: 's', container: 'c' });
    const [line] = frames.push(frame(1, `${at(1)} one\n`));
    expect(line?.text).toBe('one');
    frames.push(frame(1, `${at(2)} two\n`));
    expect(() => line?.text).toThrow('read after the piece that it came in');
  });

  it('gives a last line without a line end', () => {
    expect(read(frame(1, `${at(1)} torn`))).toEqual([['stdout', at(1), 'torn']]);
  });

  it('reads a container with a terminal, which has no frames', () => {
    const bytes = Buffer.from(`${at(1)} one\r\n${at(2)} long ${at(2)} er\r\n${at(3)} end`);
    for (const step of [1, bytes.length])
      expect(read(bytes, step)).toEqual([
        ['stdout', at(1), 'one'],
        ['stdout', at(2), 'long er'],
        ['stdout', at(3), 'end'],
      ]);
  });

  it('keeps a megabyte of a line and counts the rest', () => {
    const piece = frame(1, `${at(1)} ${'x'.repeat(16 * 1024)}`);
    const [line] = read(Buffer.concat([...Array(65).fill(piece), frame(1, `${at(1)} y\n`)]));
    expect(line?.[2]?.slice(0, 1024 * 1024)).toBe('x'.repeat(1024 * 1024));
    expect(line?.[2]?.slice(1024 * 1024)).toBe(`… (${16 * 1024 + 1} bytes more)`);
  });

  it('shows bytes that are no text as such', () => {
    expect(read(frame(1, Buffer.concat([Buffer.from(`${at(1)} a`), Buffer.from([0xff, 0x00, 10])])))).toEqual(
      [['stdout', at(1), 'a\uFFFD\u0000']],
    );
  });
});

describe('the engine’s form of a moment', () => {
  it.each([
    ['1970-01-01T00:00:01.000000002Z', '1.000000002'],
    ['1970-01-01T00:00:01.5Z', '1.500000000'],
    ['1970-01-01T00:01:00Z', '60.000000000'],
  ])('%s', (timestamp, expected) => {
    expect(engineTime(timestamp)).toBe(expected);
  });
});
