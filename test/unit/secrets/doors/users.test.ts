import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { elasticsearchDoor } from '../../../../src/secrets/doors/elasticsearch.ts';
import { grafanaDoor } from '../../../../src/secrets/doors/grafana.ts';
import { loggingDoor } from '../../../../src/secrets/doors/logging.ts';
import { fakeElasticsearchUsers, fakeGrafana } from '../../../fakes/fake-users.ts';

const secret = (value: string) => new Secret(value);
const url = 'http://127.0.0.1:1';

describe('a user of Elasticsearch', () => {
  const elastic = () => fakeElasticsearchUsers({ elastic: 'elastic old', exporter: 'exporter old' });
  const doorOf = (fake: ReturnType<typeof elastic>, user: string) =>
    elasticsearchDoor({
      http: fake.http,
      url,
      user,
      elasticPassword: async () => secret(fake.passwords.get('elastic') ?? ''),
    });

  it.each(['elastic', 'exporter'])('%s has the new password, and the old one is refused', async (user) => {
    const fake = elastic();
    const door = doorOf(fake, user);
    await door.holding?.admit(secret(`${user} old`), secret('the next one'));
    expect(await door.opens(secret('the next one'))).toBe(true);
    expect(await door.opens(secret(`${user} old`))).toBe(false);
    expect(fake.passwords.size).toBe(2);
  });

  it.each(['elastic', 'exporter'])(
    '%s can be set again after a try that nobody knows the end of',
    async (user) => {
      const fake = elastic();
      const door = doorOf(fake, user);
      for (let turn = 0; turn < 2; turn += 1)
        await door.holding?.admit(secret(`${user} old`), secret('the next one'));
      expect(fake.passwords.get(user)).toBe('the next one');
      await door.holding?.undo(secret(`${user} old`), secret('the next one'));
      await door.holding?.undo(secret(`${user} old`), secret('the next one'));
      expect(fake.passwords.get(user)).toBe(`${user} old`);
    },
  );

  it('is not set where Elasticsearch refuses it, and says with which words', async () => {
    const fake = elastic();
    await expect(
      doorOf(fake, 'exporter').holding?.admit(secret('exporter old'), secret('short')),
    ).rejects.toMatchObject({
      code: 'SECRET_DOOR_FAILED',
      exitCode: 4,
      object: 'service elasticsearch',
      message: expect.stringContaining('at least [6] characters'),
    });
    expect(fake.passwords.get('exporter')).toBe('exporter old');
  });

  it('is not tried where nobody answers: that is no refusal', async () => {
    const fake = elastic();
    fake.isDown = true;
    await expect(doorOf(fake, 'exporter').opens(secret('exporter old'))).rejects.toMatchObject({
      code: 'HTTP_UNREACHABLE',
    });
  });
});

describe('a user of Grafana', () => {
  const grafana = () => fakeGrafana({ admin: 'old password' });
  const doorOf = (fake: ReturnType<typeof grafana>) => grafanaDoor({ http: fake.http, url, user: 'admin' });

  it('has the new password, and the old one is refused', async () => {
    const fake = grafana();
    const door = doorOf(fake);
    await door.holding?.admit(secret('old password'), secret('the next one'));
    expect([await door.opens(secret('the next one')), await door.opens(secret('old password'))]).toEqual([
      true,
      false,
    ]);
  });

  it('can be set again after a try that nobody knows the end of, and back', async () => {
    const fake = grafana();
    const door = doorOf(fake);
    for (let turn = 0; turn < 2; turn += 1)
      await door.holding?.admit(secret('old password'), secret('the next one'));
    expect(fake.passwords.get('admin')).toBe('the next one');
    for (let turn = 0; turn < 2; turn += 1)
      await door.holding?.undo(secret('old password'), secret('the next one'));
    expect(fake.passwords.get('admin')).toBe('old password');
  });

  it('is not set where neither value is let in, and repeats no value', async () => {
    const fake = fakeGrafana({ admin: 'somebody else’s' });
    const failure = await doorOf(fake)
      .holding?.admit(secret('old password'), secret('the next one'))
      .catch((thrown: Error) => thrown);
    expect(failure).toMatchObject({ code: 'SECRET_DOOR_FAILED', object: 'service grafana' });
    expect(JSON.stringify(failure)).not.toMatch(/old password|the next one/);
  });
});

it('the logging service lets its token in, and says so of no other', async () => {
  const http = {
    request: async ({ headers }: { headers?: Readonly<Record<string, string>> }) => ({
      status: headers?.authorization === 'Bearer right' ? 200 : 401,
      headers: {},
      body: '{}',
      durationMs: 1,
    }),
  };
  const door = loggingDoor({ http, url });
  expect([await door.opens(secret('right')), await door.opens(secret('wrong'))]).toEqual([true, false]);
});
