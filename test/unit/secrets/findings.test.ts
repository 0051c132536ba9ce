import { describe, expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import {
  type ContainerReading,
  containerFindings,
  fileFindings,
  type StateFacts,
} from '../../../src/secrets/findings.ts';
import { SECRETS, type SecretState, secretsOf } from '../../../src/secrets/model.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 100 * DAY_MS;

const state = (given: Partial<SecretState> = {}): SecretState => ({
  name: 'partner-api-key',
  opens: '',
  state: 'present',
  weakness: null,
  modifiedMs: NOW_MS - 10 * DAY_MS,
  mode: 0o444,
  owner: 1000,
  path: '/p/secrets/values/partner-api-key',
  ...given,
});

const facts = (given: Partial<StateFacts> = {}): StateFacts => ({
  nowMs: NOW_MS,
  user: 1000,
  maxAgeMs: null,
  folder: { path: '/p/secrets/values', mode: 0o700, owner: 1000 },
  ...given,
});

const found = (states: readonly SecretState[], given: Partial<StateFacts> = {}) =>
  fileFindings(SECRETS, states, facts(given)).map(({ object, found: what, fix }) => [object, what, fix]);

describe('what is found of the files of secrets', () => {
  it('is nothing where all is in order', () => {
    expect(found([state()])).toEqual([]);
  });

  it.each<[Partial<SecretState>, string, string]>([
    [{ state: 'missing', modifiedMs: null, mode: null }, 'is missing', 'secrets init'],
    [{ state: 'empty' }, 'is empty', 'one line'],
    [{ state: 'newline' }, 'ends with a newline', 'one line'],
    [{ state: 'not-a-file' }, 'is a folder', 'one line'],
    [{ state: 'link' }, 'is a symbolic link', 'one line'],
    [
      { state: 'weak', weakness: 'has fewer than 16 characters' },
      'has fewer than 16',
      'secrets rotate partner-api-key',
    ],
    [{ mode: 0o644 }, 'has mode 0644 instead of 0444', 'secrets init'],
    [{ mode: 0o600 }, 'has mode 0600 instead of 0444', 'secrets init'],
    [{ owner: 33 }, 'belongs to user 33', 'Give it to the user'],
    [{ modifiedMs: NOW_MS + DAY_MS }, 'is dated 1 day(s) ahead', 'clock'],
  ])('tells %j', (given, what, fix) => {
    expect(found([state(given)])).toEqual([
      ['secret partner-api-key', expect.stringContaining(what), expect.stringContaining(fix)],
    ]);
  });

  it('tells a folder that others enter, or that is somebody else’s', () => {
    expect(found([], { folder: { path: '/p/secrets/values', mode: 0o777, owner: 0 } })).toEqual([
      ['/p/secrets/values', 'has mode 0777 instead of 0700', expect.stringContaining('secrets init')],
      ['/p/secrets/values', 'belongs to user 0', 'Say "sudo chown -R 1000 /p/secrets/values".'],
    ]);
  });

  it('tells the age only where it is asked for, and of nothing that cannot change', () => {
    const old = ['partner-api-key', 'kibana-former-encryption-key', 'digest-key'].map((name) =>
      state({ name }),
    );
    expect(found(old, { maxAgeMs: 20 * DAY_MS })).toEqual([]);
    expect(found(old, { maxAgeMs: 9 * DAY_MS })).toEqual([
      ['secret partner-api-key', 'is 10 days old', 'Say "apictl secrets rotate partner-api-key".'],
    ]);
  });

  it('sends whoever lacks a secret of the outside to where it is set', () => {
    const receiver = { name: 'oncall', slack: { urlSecret: 'alert-slack-url' } };
    const specs = secretsOf(configSchema.parse({ alerting: { receivers: [receiver] } }));
    const missing = state({ name: 'alert-slack-url', state: 'missing', modifiedMs: null, mode: null });
    expect(fileFindings(specs, [missing], facts())).toEqual([
      expect.objectContaining({ fix: 'Say "apictl secrets set alert-slack-url".' }),
    ]);
  });
});

describe('what is found inside of containers', () => {
  const reading = (given: Partial<ContainerReading> = {}): ContainerReading => ({
    service: 'logging',
    expected: ['logging-admin-token'],
    reads: new Map([['logging-admin-token', 'aa']]),
    live: new Set(),
    exposes: [],
    problem: null,
    ...given,
  });
  const hashes = new Map([
    ['logging-admin-token', 'aa'],
    ['postgres-password', 'bb'],
  ]);
  const inside = (given: Partial<ContainerReading>) =>
    containerFindings([reading(given)], hashes).map((finding) => [finding.object, finding.found]);

  it('is nothing where each reads its own, as it is now, and no other', () => {
    expect(inside({})).toEqual([]);
  });

  it.each<[string, Partial<ContainerReading>, string]>([
    ['lacks its secret', { reads: new Map() }, 'does not have its secret logging-admin-token'],
    [
      'may not read it',
      { reads: new Map([['logging-admin-token', null]]) },
      'may not read its secret logging-admin-token',
    ],
    [
      'has an old one',
      { reads: new Map([['logging-admin-token', 'cc']]) },
      'runs with another logging-admin-token than the file has',
    ],
    [
      'has another’s',
      {
        reads: new Map([
          ['logging-admin-token', 'aa'],
          ['postgres-password', 'bb'],
        ]),
      },
      'has the secret postgres-password, which is none of its own',
    ],
    [
      'mounts the folder',
      { exposes: ['/p/secrets'] },
      'mounts /p/secrets, and so secrets that are not its own',
    ],
    ['says nothing', { reads: new Map(), problem: 'no shell' }, 'cannot be looked into: no shell'],
  ])('tells of a service that %s', (_what, given, text) => {
    expect(inside(given)).toEqual([['service logging', text]]);
  });

  it('is nothing where a service took a new value without being made anew', () => {
    const live = new Set(['logging-admin-token']);
    expect(inside({ live, reads: new Map([['logging-admin-token', 'cc']]) })).toEqual([]);
  });
});
