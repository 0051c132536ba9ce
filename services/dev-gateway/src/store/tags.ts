import type { EntitySchema } from '../schema/entity.ts';
import type { Queryable } from './database.ts';
import { SCHEMA } from './migrations.ts';

export interface TagEntry {
  readonly entity_name: string;
  readonly entity_id: string;
  readonly tag: string;
}

export interface TagRequest {
  /** Undefined asks for all tags. */
  readonly tag: string | undefined;
  readonly size: number;
  readonly after: { readonly id: string; readonly tag: string } | undefined;
}

/** One page of the tags of all entities, in order of identifiers and then of tags. */
export async function findTags(
  connection: Queryable,
  schemas: readonly EntitySchema[],
  request: TagRequest,
): Promise<{ entries: readonly TagEntry[]; isMore: boolean }> {
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
