import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { volumeSizes } from '../../../src/adapters/engine/volume-sizes.ts';

/** An engine that answers these in turn. */
function engine(...answers: readonly (object | Error)[]) {
  const left = [...answers];
  const df = async () => {
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { docker: { df } as unknown as Docker, left };
}

const BUSY = Object.assign(
  new Error('(HTTP code 500) server error - a disk usage operation is already running'),
  {
    statusCode: 500,
  },
);

it('asks again as long as the engine counts for somebody else', async () => {
  const volumes = { Volumes: [{ Name: 'shop_data', UsageData: { Size: 7 } }, { Name: 'shop_more' }] };
  const { docker, left } = engine(BUSY, BUSY, volumes);
  expect(await volumeSizes(docker)).toEqual(
    new Map([
      ['shop_data', 7],
      ['shop_more', 0],
    ]),
  );
  expect(left).toEqual([]);
});

it('knows of no volume where the engine has none', async () => {
  expect(await volumeSizes(engine({ Volumes: null }).docker)).toEqual(new Map());
});

it('gives up at any other refusal', async () => {
  const { docker, left } = engine(new Error('disk is gone'), { Volumes: [] });
  await expect(volumeSizes(docker)).rejects.toThrow('disk is gone');
  expect(left).toHaveLength(1);
});
