import { readFileSync } from 'node:fs';
import { ApictlError } from '../../src/core/errors.ts';
import { Secret } from '../../src/core/secret.ts';
import type { SeedOutcome } from '../../src/kong/apply/apply.ts';
import type { SeedPlan } from '../../src/kong/plan/plan.ts';
import { applySeed, type SeedInput, seedPlan } from '../../src/kong/seed.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeKong } from './fake-kong.ts';

export const PACKAGED = readFileSync(new URL('../../kong/kong.yaml', import.meta.url), 'utf8');

export const PARTNER_KEY = 'k3y-of-the-partner-Zq8';

export const THREE_BACKENDS = {
  upstreams: {
    backend: {
      targets: ['backend-1:8000', 'backend-2:8000', 'backend-3:8000'],
      healthPath: '/healthz/ready',
    },
  },
};

/** A file of the format's version with this below it. */
export const declaring = (yaml: string): string => `_format_version: "3.0"\n${yaml}`;

export function seedInput(kong: FakeKong, text: string, more: Partial<SeedInput> = {}): SeedInput {
  return {
    http: kong.http,
    clock: fakeClock(),
    admin: { url: 'http://127.0.0.1:8001' },
    files: [{ path: 'kong/kong.yaml', text }],
    project: 'apictl',
    placeholders: {
      environment: {},
      secret: async (name) => (name === 'partner-api-key' ? new Secret(PARTNER_KEY) : undefined),
    },
    ...more,
  };
}

/** Plans and applies, as the command does. */
export async function seed(
  kong: FakeKong,
  text: string,
  more: Partial<SeedInput> & { allowMassDelete?: boolean; maxDeletes?: number } = {},
): Promise<{ plan: SeedPlan; outcome: SeedOutcome }> {
  const input = seedInput(kong, text, more);
  const plan = await seedPlan(input);
  const { allowMassDelete, maxDeletes } = more;
  const outcome = await applySeed({ ...input, plan, emit: () => {}, allowMassDelete, maxDeletes });
  return { plan, outcome };
}

export async function failure(promise: Promise<unknown>): Promise<ApictlError> {
  const thrown = await promise.then(
    () => new Error('it succeeded'),
    (error: unknown) => error,
  );
  if (thrown instanceof ApictlError) return thrown;
  throw thrown;
}
