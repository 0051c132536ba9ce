import { isUuid } from '../schema/validators.ts';
import type { ConfigurationStore } from '../store/configuration-store.ts';
import { pageAnswer, readOffset, readSize, writeOffset } from './paging.ts';
import type { AdminAnswer, AdminPath, AdminRequest } from './request.ts';

async function answerTags(store: ConfigurationStore, request: AdminRequest): Promise<AdminAnswer> {
  const size = readSize(request.query);
  const [id, tag] = readOffset(request.query, (part) => part !== '') ?? [];
  const after = id !== undefined && tag !== undefined && isUuid(id) ? { id, tag } : undefined;
  const { entries, isMore } = await store.read((tables) =>
    tables.findTags({ tag: request.params.tags, size, after }),
  );
  const last = isMore ? entries.at(-1) : undefined;
  const offset = last && writeOffset(last.entity_id, last.tag);
  return {
    status: 200,
    body: pageAnswer(
      entries,
      request.path,
      offset,
      request.params.tags === undefined ? request.query : undefined,
    ),
  };
}

/** Which entities carry which tag. */
export const tagPaths = (store: ConfigurationStore): AdminPath[] => [
  { path: '/tags', methods: { GET: (request) => answerTags(store, request) } },
  { path: '/tags/{tags}', methods: { GET: (request) => answerTags(store, request) } },
];
