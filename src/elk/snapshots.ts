import * as z from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import type { Http } from '../core/ports/http.ts';
import type { Secret } from '../core/secret.ts';

/** Elasticsearch's snapshots in the repository that lies in its volume `elasticsearch-snapshots`. */

const REPOSITORY = 'apictl-backup';
/** Below the `path.repo` of compose/fragments/elasticsearch.yaml. */
export const REPOSITORY_FOLDER = '/usr/share/elasticsearch/snapshots/apictl-backup';
/** What people and the pipelines have written; what the setup job makes is made again by it. */
const WHAT = { indices: '*,-.*', include_global_state: false } as const;
/** Kibana's saved objects lie in indices of its own, which only go along as a feature. */
const FEATURES = ['kibana'];
const TIMEOUT_MS = 1_800_000;

export interface Elasticsearch {
  readonly url: string;
  readonly password: Secret;
}

const shardsSchema = z.object({ total: z.int(), failed: z.int() });
const snapshotSchema = z.object({ snapshot: z.object({ state: z.string(), shards: shardsSchema }) });

/** Takes a snapshot into an empty repository. @throws ApictlError SNAPSHOT_FAILED (4) */
export async function takeSnapshot(http: Http, elasticsearch: Elasticsearch, name: string): Promise<void> {
  const ask = asker(http, elasticsearch);
  await register(ask, false);
  // What an earlier run left there would go into the backup as well.
  await ask('DELETE', `/_snapshot/${REPOSITORY}/*`, undefined, [404]);
  const body = { ...WHAT, feature_states: FEATURES };
  const answer = await ask('PUT', `/_snapshot/${REPOSITORY}/${name}?wait_for_completion=true`, body);
  const { snapshot } = snapshotSchema.parse(answer);
  if (snapshot.state !== 'SUCCESS')
    throw failed(`the snapshot ended as ${snapshot.state}, ${snapshot.shards.failed} shards failed`);
}

/** Takes back what a snapshot needed in the volume, once it is copied. */
export async function dropSnapshot(http: Http, elasticsearch: Elasticsearch, name: string): Promise<void> {
  const ask = asker(http, elasticsearch);
  await ask('DELETE', `/_snapshot/${REPOSITORY}/${name}`, undefined, [404]);
}

/** Restores what lies in the repository into an Elasticsearch that has none of it. @throws ApictlError SNAPSHOT_FAILED (4) */
export async function restoreSnapshot(http: Http, elasticsearch: Elasticsearch, name: string): Promise<void> {
  const ask = asker(http, elasticsearch);
  await register(ask, true);
  const body = { ...WHAT, feature_states: FEATURES };
  const path = `/_snapshot/${REPOSITORY}/${name}/_restore?wait_for_completion=true`;
  const { snapshot } = z
    .object({ snapshot: z.object({ shards: shardsSchema }) })
    .parse(await ask('POST', path, body));
  if (snapshot.shards.failed > 0)
    throw failed(`${snapshot.shards.failed} of ${snapshot.shards.total} shards could not be restored`);
}

/** Reading only while restoring, so that nothing in it can be lost. */
const register = (ask: Ask, readonly: boolean): Promise<unknown> =>
  ask('PUT', `/_snapshot/${REPOSITORY}`, { type: 'fs', settings: { location: REPOSITORY_FOLDER, readonly } });

type Ask = (method: string, path: string, body?: unknown, tolerated?: readonly number[]) => Promise<unknown>;

const asker =
  (http: Http, { url, password }: Elasticsearch): Ask =>
  async (method, path, body, tolerated = []) => {
    const login = Buffer.from(`elastic:${password.reveal()}`).toString('base64');
    const response = await http.request({
      method,
      url: `${url}${path}`,
      timeoutMs: TIMEOUT_MS,
      headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (tolerated.includes(response.status)) return undefined;
    if (response.status >= 300)
      throw failed(`${method} ${path} was answered with ${response.status}: ${response.body.slice(0, 300)}`);
    return JSON.parse(response.body);
  };

const failed = (why: string): ApictlError =>
  new ApictlError({
    code: 'SNAPSHOT_FAILED',
    exitCode: EXIT.unhealthy,
    message: `Elasticsearch: ${why}`,
    object: 'elasticsearch',
    hint: 'Look at "apictl status" and "apictl logs elasticsearch".',
  });
