import { describe, expect, it } from 'vitest';
import { isAtLeast, withKnownFeatures } from '../../../../src/stack/render/engine-features.ts';
import { packagedFragments, renderDefault } from './matrix.ts';

const fragments = await packagedFragments();
const servicesFor = (engineApiVersion: string, composeVersion?: string) =>
  renderDefault(fragments, {
    flavour: 'official',
    engineApiVersion,
    ...(composeVersion === undefined ? {} : { composeVersion }),
  }).compose.services;

describe('what is written for an engine', () => {
  it('has no start_interval below API 1.44, where it stops the creation half-way', () => {
    expect(JSON.stringify(servicesFor('1.43'))).not.toContain('start_interval');
  });

  it('has a start_interval from API 1.44 on, in every health check and never without a start_period', () => {
    for (const [name, { healthcheck, restart }] of Object.entries(servicesFor('1.44'))) {
      if (restart === 'no') continue;
      expect(healthcheck, name).toMatchObject({
        start_interval: expect.any(String),
        start_period: expect.any(String),
      });
    }
  });

  it('has gw_priority only where both the engine and Compose know it', () => {
    const priority = (api: string, compose?: string) =>
      JSON.stringify(servicesFor(api, compose).kong?.networks).includes('gw_priority');
    expect(priority('1.48', '2.40.3')).toBe(true);
    expect(priority('1.48', '2.26.1-4')).toBe(false);
    expect(priority('1.48')).toBe(false);
    expect(priority('1.47', '2.40.3')).toBe(false);
  });
});

it('leaves a service alone that uses nothing new', () => {
  const service = { image: 'a', networks: { n: {} } };
  expect(withKnownFeatures(service, { engineApiVersion: '1.24' })).toEqual(service);
});

it('compares versions by number, not by letter', () => {
  expect(isAtLeast('1.100', '1.44')).toBe(true);
  expect(isAtLeast('1.9', '1.44')).toBe(false);
  expect(isAtLeast('1.44', '1.44')).toBe(true);
  expect(isAtLeast('v2.33.1-desktop.1', '2.33.1')).toBe(true);
  expect(isAtLeast('2.33', '2.33.1')).toBe(false);
});
