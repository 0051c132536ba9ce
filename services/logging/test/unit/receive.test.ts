import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { receiveBody } from '../../src/ingest/receive.ts';
import { PieceMemory } from '../../src/piece-memory.ts';

const LIMIT = 100_000;

describe('the body of a request', () => {
  it.each([
    ['declared', 60_000],
    ['not declared', undefined],
  ])('is gathered from its pieces where its length is %s', async (_how, declared) => {
    const stream = new PassThrough();
    const body = receiveBody(stream, declared, LIMIT, new PieceMemory());
    for (const letter of ['a', 'b', 'c']) stream.write(letter.repeat(20_000));
    stream.end();
    expect((await body).toString()).toBe(['a', 'b', 'c'].map((letter) => letter.repeat(20_000)).join(''));
  });

  it('is refused before anything is read where too much is declared', async () => {
    const stream = new PassThrough();
    await expect(receiveBody(stream, LIMIT + 1, LIMIT, new PieceMemory())).rejects.toMatchObject({
      status: 413,
    });
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('is refused as soon as more has come than is allowed', async () => {
    const stream = new PassThrough();
    const body = receiveBody(stream, undefined, LIMIT, new PieceMemory());
    for (let piece = 0; piece < 11; piece += 1) stream.write(Buffer.alloc(10_000));
    await expect(body).rejects.toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('is none where the stream breaks off', async () => {
    const stream = new PassThrough();
    const body = receiveBody(stream, 20_000, LIMIT, new PieceMemory());
    stream.write(Buffer.alloc(10_000));
    stream.destroy(new Error('aborted'));
    await expect(body).rejects.toMatchObject({ status: 400, message: 'aborted' });
  });

  it('lies where an earlier one lay that was given back', async () => {
    const memory = new PieceMemory();
    const receive = (text: string): Promise<Buffer> => {
      const stream = new PassThrough();
      stream.end(text);
      return receiveBody(stream, text.length, LIMIT, memory);
    };
    const first = await receive('a'.repeat(50_000));
    memory.giveBack(first);
    const second = await receive('b'.repeat(40_000));
    expect(second.buffer).toBe(first.buffer);
    expect(second.toString()).toBe('b'.repeat(40_000));
  });
});
