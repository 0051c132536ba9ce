import { describe, expect, it } from 'vitest';
import { certificateStatus } from '../../../../src/app/status/certificates.ts';
import type { World } from '../../../../src/app/world.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';

const project = { root: '/srv', config: configSchema.parse({}), dotenv: {} };
const world = { files: memoryFiles(), clock: fakeClock() } as unknown as World;

describe('what status says of certificates that are missing', () => {
  it('is nothing before the first start', async () => {
    expect((await certificateStatus(world, project, false)).warnings).toEqual([]);
  });

  it('is a warning while the stack is up, which has read them', async () => {
    expect((await certificateStatus(world, project, true)).warnings).toEqual([
      expect.stringMatching(/^certificate proxy is missing\. .*"apictl up"/),
      expect.stringMatching(/^certificate admin is missing\. .*"apictl up"/),
    ]);
  });
});
