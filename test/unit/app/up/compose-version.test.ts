import { describe, expect, it } from 'vitest';
import { composeVersionOf } from '../../../../src/app/up/compose-version.ts';
import { ApictlError, EXIT } from '../../../../src/core/errors.ts';
import { summary } from '../../../fakes/containers.ts';

/** A Compose of this version, or one that cannot be called. */
function compose(version: string | ApictlError) {
  let asked = 0;
  const answer = async () => {
    asked += 1;
    if (version instanceof ApictlError) throw version;
    return version;
  };
  return { world: { compose: { version: answer } }, times: () => asked };
}

const missing = new ApictlError({
  code: 'COMPOSE_MISSING',
  exitCode: EXIT.engine,
  message: 'Docker Compose is not there',
  object: 'docker compose',
  hint: 'Install it.',
});
const madeBy = (version: string) =>
  summary({ service: 'kong', labels: { 'com.docker.compose.version': version } });
const old = { apiVersion: '1.41' };
const recent = { apiVersion: '1.48' };

describe('the version of Compose', () => {
  it('decides nothing where the engine knows nothing that a Compose may not know', async () => {
    const { world } = compose('2.40.0');
    expect(await composeVersionOf(world, { containers: [], facts: old }).known()).toBeUndefined();
  });

  it('is asked for where nothing is there yet and the engine knows more', async () => {
    const { world } = compose('2.40.0');
    expect(await composeVersionOf(world, { containers: [], facts: recent }).known()).toBe('2.40.0');
  });

  it('is told by the newest container, without a call', async () => {
    const { world, times } = compose('2.40.0');
    const containers = [
      { ...madeBy('2.26.1'), createdMs: 1 },
      { ...madeBy('2.33.1'), createdMs: 2 },
    ];
    expect(await composeVersionOf(world, { containers, facts: recent }).known()).toBe('2.33.1');
    expect(times()).toBe(0);
  });

  it('is asked for before there is work for it, and told only where it differs from what was presumed', async () => {
    const { world } = compose('2.40.0');
    const differing = (version: string) =>
      composeVersionOf(world, { containers: [madeBy(version)], facts: recent }).differing();
    expect(await differing('2.33.1')).toBe('2.40.0');
    expect(await differing('2.40.0')).toBeUndefined();
  });

  it('is missed before anything is made, also where it would decide nothing', async () => {
    const version = composeVersionOf(compose(missing).world, { containers: [], facts: old });
    expect(await version.known()).toBeUndefined();
    await expect(version.usable()).rejects.toBe(missing);
  });
});
