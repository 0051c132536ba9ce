import type { EntitySchema } from '../schema/entity.ts';
import type { Queryable } from './database.ts';
import { SCHEMA } from './migrations.ts';
import type { TagEntry, TagPage, TagRequest } from './tables.ts';

/** One page of the tags of all entities, in order of identifiers and then of tags. */
export async function findTags(
  connection: Queryable,
  schemas: readonly EntitySchema[],
  request: TagRequest,
): Promise<TagPage> {
  const parts = schemas.map(
    ({ name }) =>
      `select '${name}' as entity_name, id as entity_id, unnest(tags) as tag from ${SCHEMA}.${name}`,
  );
  const { rows } = await connection.query<TagEntry>(
    `select * from (${parts.join(' union all ')}) as entries
     where ($1::text is null or tag = $1) and ($2::uuid is null or (entity_id, tag) > ($2::uuid, $3::text))
     order by entity_id, tag limit $4`,
    [request.tag ?? null, request.after?.id ?? null, request.after?.tag ?? null, request.size + 1],
  );
  return { entries: rows.slice(0, request.size), isMore: rows.length > request.size };
}
