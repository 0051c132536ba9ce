import { describe, expect, it } from 'vitest';
import { DIGEST_LABEL } from '../../../../src/stack/render/labels.ts';
import type { SwarmService, SwarmTree } from '../../../../src/stack/render/swarm/swarm-tree.ts';
import { isIdlePlan, obsoleteObjects, planSwarm } from '../../../../src/stack/swarm/plan.ts';
import { liveService } from '../../../fakes/fake-swarm.ts';

const wanted = (name: string, digest: string, given: Partial<SwarmService> = {}): SwarmService => ({
  image: `apictl/${name}:1`,
  deploy: { replicas: 1, labels: { [DIGEST_LABEL]: digest } },
  ...given,
});

const tree = (services: SwarmTree['services']): SwarmTree => ({
  version: '3.9',
  services,
  networks: {},
  volumes: {},
  secrets: { password: { name: 'shop_password_2', file: 'a' } },
  configs: { rules: { name: 'shop_rules_2', file: 'b' } },
});

describe('the plan of a deploy', () => {
  it('creates what is not there, keeps what is the same, and removes what is no part of the stack', () => {
    const plan = planSwarm(tree({ kong: wanted('kong', 'a'), backend: wanted('backend', 'b') }), [
      liveService('kong', 'a'),
      liveService('kibana', 'c'),
    ]);
    expect(plan.map(({ service, action }) => `${action} ${service}`)).toEqual([
      'keep kong',
      'create backend',
      'remove kibana',
    ]);
    expect(isIdlePlan(plan)).toBe(false);
    expect(isIdlePlan(planSwarm(tree({ kong: wanted('kong', 'a') }), [liveService('kong', 'a')]))).toBe(true);
  });

  it('says of an update what has changed', () => {
    const whyOf = (service: Partial<SwarmService>, found = {}) =>
      planSwarm(tree({ kong: wanted('kong', 'new', service) }), [liveService('kong', 'old', found)])[0]?.why;
    expect(whyOf({ image: 'apictl/kong:2' })).toBe('another image: apictl/kong:2 instead of apictl/kong:1');
    expect(whyOf({}, { replicas: 3 })).toBe('replicas: 1 instead of 3');
    expect(
      whyOf(
        {
          secrets: [{ source: 'password', target: 'password' }],
          configs: [{ source: 'rules', target: '/r' }],
        },
        { objects: ['shop_rules_2'] },
      ),
    ).toBe('secret password has another content');
    expect(whyOf({ configs: [{ source: 'rules', target: '/r' }] })).toBe('file rules has another content');
    expect(whyOf({})).toBe('its definition has changed');
  });

  it('updates a service whose replicas alone are others', () => {
    const [only] = planSwarm(tree({ kong: wanted('kong', 'a') }), [
      liveService('kong', 'a', { replicas: 2 }),
    ]);
    expect(only).toMatchObject({ action: 'update', why: 'replicas: 1 instead of 2' });
  });

  it('finds the secrets and configs that carry a content of before', () => {
    const live = ['shop_password_1', 'shop_password_2', 'shop_rules_2'].map((name) => ({
      kind: 'secret' as const,
      id: name,
      name,
    }));
    expect(obsoleteObjects(tree({}), live).map(({ name }) => name)).toEqual(['shop_password_1']);
  });
});
