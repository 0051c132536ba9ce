import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { kibanaObjectsDoor } from '../../../../src/secrets/doors/kibana.ts';
import { applyRotation, type RotationPorts } from '../../../../src/secrets/rotation-apply.ts';
import { readUnfinished } from '../../../../src/secrets/rotation-journal.ts';
import { FakeKibanaObjects } from '../../../fakes/fake-kibana-objects.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { Mortal, mortalPorts } from '../../../support/killed-rotation.ts';

const root = '/project';
const KEY = 'kibana-encryption-key';
const FORMER = 'kibana-former-encryption-key';
const path = (name: string) => `${root}/secrets/values/${name}`;
const BYTES = [{ name: KEY, bytes: 32 }];
const NOTHING = { begun: [], swapped: [] };
const oldKey = 'the key that everything is encrypted with';
const firstFormer = 'a key that nothing is encrypted with';

/** A Kibana with two connectors, whose keys lie in files that it reads whenever it is made anew. */
function world(mortal = new Mortal(Number.POSITIVE_INFINITY)) {
  const files = memoryFiles({ [path(KEY)]: oldKey, [path(FORMER)]: firstFormer });
  const kibana = new FakeKibanaObjects();
  const valueIn = (name: string) => files.content.get(path(name))?.toString() ?? '';
  const restart = (): void => {
    // The start command's own rule: test/e2e/elk-entrypoints.test.ts runs it.
    const [key, former] = [valueIn(KEY), valueIn(FORMER)];
    kibana.start(key, [former === key ? key + key : former]);
  };
  restart();
  for (const name of ['mail', 'pager']) kibana.save(name);
  let count = 0;
  const doorOf: RotationPorts['doorOf'] = (name) =>
    name !== KEY
      ? undefined
      : kibanaObjectsDoor({
          http: { request: mortal.step(kibana.http.request) },
          url: 'http://127.0.0.1:5601',
          elasticPassword: async () => new Secret(kibana.elasticPassword),
          readFormer: async () => new Secret(valueIn(FORMER)),
          writeFormer: mortal.step((value: Secret) => files.write(path(FORMER), value.reveal(), 0o444)),
        });
  const ports: RotationPorts = {
    files,
    random: { bytes: (length) => new Uint8Array(length).fill(++count) },
    emit: () => {},
    signal: new AbortController().signal,
    waiting: [],
    doorOf,
    renewReaders: async () => {
      restart();
      return ['kibana'];
    },
  };
  const keysInUse = () => [...new Set(kibana.objects.values())];
  return { files, kibana, ports, restart, valueIn, keysInUse };
}

const rotate = (ports: RotationPorts, unfinished = NOTHING) => applyRotation(BYTES, unfinished, ports, root);

describe('the key of Kibana’s stored objects', () => {
  it('is rotated by having everything encrypted with the new one, which the former one lets Kibana read', async () => {
    const { kibana, ports, valueIn, keysInUse } = world();
    expect(await rotate(ports)).toEqual({ rotated: [KEY], restarted: ['kibana'] });
    expect(valueIn(KEY)).not.toBe(oldKey);
    expect(valueIn(FORMER)).toBe(oldKey);
    expect(keysInUse()).toEqual([valueIn(KEY)]);
    expect(kibana.readsAll()).toBe(true);
  });

  it('can be rotated again and again', async () => {
    const { kibana, ports, valueIn, keysInUse } = world();
    for (let turn = 0; turn < 3; turn += 1) {
      await rotate(ports);
      kibana.save(`connector ${turn}`);
    }
    expect([keysInUse(), kibana.readsAll()]).toEqual([[valueIn(KEY)], true]);
  });

  it('stays where an object cannot be decrypted: the key that would still open it is not given up', async () => {
    const { kibana, ports, valueIn } = world();
    kibana.objects.set('pager', 'a key of another life');
    await expect(rotate(ports)).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      exitCode: 7,
      message: expect.stringContaining('could not decrypt 1 of 1 stored objects'),
    });
    expect([valueIn(KEY), valueIn(FORMER), kibana.starts]).toEqual([oldKey, firstFormer, 1]);
  });

  it('stays where Kibana does not answer as it should, and repeats no value', async () => {
    const { kibana, ports, valueIn } = world();
    kibana.isDown = true;
    const failure = await rotate(ports).catch((thrown: Error) => thrown);
    expect(failure).toMatchObject({
      code: 'ROTATION_FAILED',
      message: expect.stringContaining('kibana answered 503'),
    });
    expect(JSON.stringify(failure)).not.toContain(kibana.elasticPassword);
    expect([valueIn(KEY), valueIn(FORMER)]).toEqual([oldKey, firstFormer]);
  });

  it('that is lost is not replaced', async () => {
    const { files, ports } = world();
    await files.remove(path(KEY));
    await expect(rotate(ports)).rejects.toMatchObject({ code: 'ROTATION_UNFINISHED' });
    expect(files.content.has(path(KEY))).toBe(false);
  });

  it('killed at any step loses no object, Kibana starts with what lies there, and the next run finishes', async () => {
    const unharmed = new Mortal(Number.POSITIVE_INFINITY);
    await rotate(mortalPorts(world(unharmed).ports, unharmed));
    expect(unharmed.steps).toBeGreaterThan(20);
    for (let moment = 1; moment <= unharmed.steps; moment += 1) {
      const mortal = new Mortal(moment);
      const { files, kibana, ports, restart, valueIn, keysInUse } = world(mortal);
      await rotate(mortalPorts(ports, mortal)).catch(() => {});
      mortal.revive();
      restart();
      expect([moment, kibana.readsAll()]).toEqual([moment, true]);
      const unfinished = await readUnfinished(files, root, [KEY, FORMER]);
      await applyRotation(
        unfinished.begun.map((name) => ({ name, bytes: 32 })),
        unfinished,
        ports,
        root,
      );
      expect([moment, keysInUse()]).toEqual([moment, [valueIn(KEY)]]);
      expect([moment, kibana.readsAll(), files.content.size]).toEqual([moment, true, 2]);
    }
  });
});
