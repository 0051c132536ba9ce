import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import { secretsOf } from '../../../src/secrets/model.ts';
import { planRotation, type RotationFacts } from '../../../src/secrets/rotation-plan.ts';

const receiver = { name: 'oncall', slack: { urlSecret: 'alert-slack-url' } };
const specs = secretsOf(configSchema.parse({ alerting: { receivers: [receiver] } }));
const services = ['postgres', 'kong', 'kong-migrations', 'postgres-exporter', 'backend-1', 'logging'];

const facts = (given: Partial<RotationFacts> = {}): RotationFacts => ({
  present: new Set(services),
  running: new Set(services.filter((service) => service !== 'kong-migrations')),
  containers: new Set(services),
  volumes: new Set(['postgres-data']),
  readers: {
    'postgres-password': [
      { service: 'postgres', live: true },
      { service: 'kong', live: true },
      { service: 'postgres-exporter', live: false },
      { service: 'kong-migrations', live: false },
    ],
  },
  unfinished: { begun: [], swapped: [] },
  ...given,
});

describe('the plan of a rotation', () => {
  it('says where a value is set, what is made anew with it, and what runs on', () => {
    expect(planRotation(specs, ['postgres-password'], facts()).rotate).toEqual([
      {
        name: 'postgres-password',
        bytes: 24,
        set: 'role kong of PostgreSQL; the gateway changes over without a pause',
        readers: ['kong-migrations', 'postgres-exporter'],
        kept: ['kong', 'postgres'],
      },
    ]);
  });

  it('of everything leaves what cannot change, each with its reason', () => {
    const { rotate, left } = planRotation(specs, null, facts());
    expect(left.map(({ name }) => name)).toEqual([
      'kibana-former-encryption-key',
      'digest-key',
      'alert-slack-url',
    ]);
    expect(rotate.map(({ name }) => name)).toContain('elastic-password');
    expect(rotate.length + left.length).toBe(specs.length);
  });

  it.each([
    ['alert-slack-url', 'whoever gave it to you has to give a new one'],
    [
      'kibana-former-encryption-key',
      'it takes the value that kibana-encryption-key had, whenever that is rotated',
    ],
    ['digest-key', 'every container would have to be made anew, the gateway too'],
  ])('refuses %s by its name: %s', (name, why) => {
    expect(() => planRotation(specs, [name], facts())).toThrow(
      expect.objectContaining({
        code: 'SECRET_NOT_ROTATED',
        exitCode: 64,
        message: `${name} is not rotated: ${why}`,
      }),
    );
  });

  it('refuses a password that stopped data keeps, and knows no name that does not exist', () => {
    const stopped = facts({ running: new Set() });
    expect(() => planRotation(specs, ['postgres-password'], stopped)).toThrow(
      expect.objectContaining({ hint: 'Bring it up first: "apictl up postgres".' }),
    );
    expect(() => planRotation(specs, ['postgres-pasword'], facts())).toThrow(
      expect.objectContaining({ code: 'SECRET_UNKNOWN' }),
    );
  });

  it('changes Grafana’s key in a container that stands still, and in no data that none can get at', () => {
    const volumes = new Set(['grafana-data']);
    const stopped = facts({ running: new Set(), containers: new Set(['grafana']), volumes });
    expect(planRotation(specs, ['grafana-secret-key'], stopped).rotate).toMatchObject([
      { set: expect.stringContaining('whose data keys are encrypted anew while it stands still') },
    ]);
    const gone = facts({ running: new Set(), containers: new Set(), volumes });
    expect(() => planRotation(specs, ['grafana-secret-key'], gone)).toThrow(
      expect.objectContaining({
        code: 'SECRET_NOT_ROTATED',
        hint: expect.stringContaining('apictl up grafana'),
      }),
    );
  });

  it('where nothing is there changes every generated value that is in no data, the key of the digests too', () => {
    const { rotate } = planRotation(
      specs,
      ['postgres-password', 'digest-key'],
      facts({ present: new Set(), running: new Set(), volumes: new Set() }),
    );
    expect(rotate.map(({ name, set, readers }) => [name, set, readers])).toEqual([
      ['postgres-password', 'in its file; postgres does not run', []],
      ['digest-key', 'in its file', []],
    ]);
  });

  it('finishes what was broken off where it can, and lets the rest wait', () => {
    const unfinished = { begun: ['postgres-password', 'logging-admin-token'], swapped: [] };
    expect(planRotation(specs, [], facts({ running: new Set(['logging']), unfinished }))).toEqual({
      rotate: [],
      left: [],
      unfinished: { begun: ['logging-admin-token'], swapped: [] },
      waiting: [{ name: 'postgres-password', why: 'postgres keeps it in its data and does not run' }],
    });
  });
});
