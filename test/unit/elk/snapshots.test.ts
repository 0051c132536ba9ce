import { describe, expect, it } from 'vitest';
import type { Http } from '../../../src/core/ports/http.ts';
import { Secret } from '../../../src/core/secret.ts';
import {
  dropSnapshot,
  REPOSITORY_FOLDER,
  restoreSnapshot,
  takeSnapshot,
} from '../../../src/elk/snapshots.ts';

/**
 * Elasticsearch's snapshot API by its documentation, as far as it is used: one repository of type fs, snapshots by name in it, and
 * indices that a restore refuses to put over open ones.
 */
class FakeSnapshots {
  repository: { readonly location: string; readonly readonly: boolean } | null = null;
  /** In the repository's folder, whoever has registered it. */
  readonly snapshots = new Map<string, readonly string[]>();
  indices: string[] = [];
  failedShards = 0;
  readonly asked: string[] = [];

  readonly http: Http = {
    request: async ({ method, url, headers, body }) => {
      const { pathname } = new URL(url);
      this.asked.push(`${method} ${decodeURIComponent(pathname)}`);
      const [status, answer] =
        headers?.authorization === `Basic ${Buffer.from('elastic:pass').toString('base64')}`
          ? this.#answer(
              method,
              decodeURIComponent(pathname),
              body === undefined ? {} : JSON.parse(String(body)),
            )
          : [401, { error: 'missing authentication credentials' }];
      return { status, headers: {}, body: JSON.stringify(answer), durationMs: 1 };
    },
  };

  #answer(method: string, path: string, body: Record<string, never>): [number, object] {
    const [, root, repository, name, action] = path.split('/');
    if (root !== '_snapshot' || repository !== 'apictl-backup') return [400, { error: 'no handler' }];
    if (method === 'PUT' && name === undefined) {
      const { type, settings } = body as unknown as { type: string; settings: FakeSnapshots['repository'] };
      if (type !== 'fs') return [400, { error: 'repository_exception' }];
      this.repository = settings;
      return [200, { acknowledged: true }];
    }
    if (this.repository === null) return [404, { error: 'repository_missing_exception' }];
    if (method !== 'POST' && this.repository.readonly) return [500, { error: 'repository is readonly' }];
    const shards = { total: 2, failed: this.failedShards };
    if (method === 'DELETE') return this.#remove(name ?? '');
    if (method === 'PUT') {
      this.snapshots.set(name ?? '', this.indices);
      return [200, { snapshot: { state: this.failedShards > 0 ? 'PARTIAL' : 'SUCCESS', shards } }];
    }
    const saved = this.snapshots.get(name ?? '');
    if (action !== '_restore' || saved === undefined) return [404, { error: 'snapshot_missing_exception' }];
    if (saved.some((index) => this.indices.includes(index)))
      return [500, { error: 'snapshot_restore_exception: an open index' }];
    this.indices = [...saved];
    return [200, { snapshot: { shards } }];
  }

  #remove(name: string): [number, object] {
    if (name === '*') this.snapshots.clear();
    else if (!this.snapshots.delete(name)) return [404, { error: 'snapshot_missing_exception' }];
    return [200, { acknowledged: true }];
  }
}

const access = { url: 'http://127.0.0.1:9200', password: new Secret('pass') };

describe('Elasticsearch’s snapshots', () => {
  it('come back in another Elasticsearch that has the repository’s folder', async () => {
    const source = new FakeSnapshots();
    source.indices = ['logs-kong', 'logs-backend'];
    await takeSnapshot(source.http, access, 'backup-1');
    expect(source.repository).toEqual({ location: REPOSITORY_FOLDER, readonly: false });
    const target = new FakeSnapshots();
    for (const [name, indices] of source.snapshots) target.snapshots.set(name, indices);
    await restoreSnapshot(target.http, access, 'backup-1');
    expect(target.indices).toEqual(['logs-kong', 'logs-backend']);
    expect(target.repository?.readonly).toBe(true);
  });

  it('are taken into an empty repository, and taken out of it again', async () => {
    const fake = new FakeSnapshots();
    fake.snapshots.set('left-by-a-killed-run', []);
    await takeSnapshot(fake.http, access, 'backup-2');
    expect([...fake.snapshots.keys()]).toEqual(['backup-2']);
    await dropSnapshot(fake.http, access, 'backup-2');
    await dropSnapshot(fake.http, access, 'backup-2');
    expect(fake.snapshots.size).toBe(0);
  });

  it('are none where a shard failed, when taken and when restored', async () => {
    const fake = new FakeSnapshots();
    fake.failedShards = 1;
    await expect(takeSnapshot(fake.http, access, 'b')).rejects.toMatchObject({
      code: 'SNAPSHOT_FAILED',
      exitCode: 4,
      message: expect.stringContaining('ended as PARTIAL, 1 shards failed'),
    });
    await expect(restoreSnapshot(fake.http, access, 'b')).rejects.toThrow(
      '1 of 2 shards could not be restored',
    );
  });

  it('say what Elasticsearch says where it refuses', async () => {
    const fake = new FakeSnapshots();
    fake.indices = ['logs'];
    fake.snapshots.set('b', ['logs']);
    await expect(restoreSnapshot(fake.http, access, 'b')).rejects.toThrow('an open index');
    const wrong = takeSnapshot(fake.http, { ...access, password: new Secret('old') }, 'b');
    await expect(wrong).rejects.toThrow('was answered with 401');
    await expect(wrong).rejects.not.toThrow('old');
  });
});
