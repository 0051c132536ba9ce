/** Sends documents to a data stream of Elasticsearch, and sorts its answers: taken, later, never. */
import { Client, errors } from '@elastic/elasticsearch';
import type { Secret } from '../config/secret.ts';
import type { ShippedDocument } from './document.ts';

export interface ElasticsearchOptions {
  readonly url: string;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly dataStream: string;
}

/** What became of each document of one request. */
export interface Outcome {
  readonly delivered: number;
  /** Elasticsearch had them already: an answer to an earlier request was lost. */
  readonly duplicates: number;
  readonly refused: readonly { readonly document: ShippedDocument; readonly reason: string }[];
  /** To be sent again; the first reason stands for all. */
  readonly postponed: readonly ShippedDocument[];
  readonly postponedBecause: string | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;

interface Item {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string | null;
    readonly caused_by?: { reason?: string | null };
  };
}

function isTemporary({ status, error }: Item): boolean {
  // 403 with this type is a disk that is nearly full: it ends when somebody makes room.
  const isBlocked = status === 403 && error?.type === 'cluster_block_exception';
  return status === 429 || status >= 500 || isBlocked;
}

function reasonOf({ status, error }: Item): string {
  const cause = error?.caused_by?.reason;
  return `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}${cause ? ` (${cause})` : ''}`;
}

export class Elasticsearch {
  readonly #client: Client;
  readonly #dataStream: string;

  constructor(options: ElasticsearchOptions) {
    const { url: node, user: username, password, dataStream } = options;
    this.#dataStream = dataStream;
    this.#client = new Client({
      node,
      ...(password === undefined ? {} : { auth: { username, password: password.reveal() } }),
      // Trying again is the shipper's: it knows what has to wait.
      maxRetries: 0,
      requestTimeout: REQUEST_TIMEOUT_MS,
    });
  }

  /**
   * One bulk request. Documents carry their own id and are only created, never overwritten.
   * @throws Error when the request as a whole got no answer to rely on; then every document has to be sent again
   */
  async send(documents: readonly ShippedDocument[], signal: AbortSignal): Promise<Outcome> {
    const operations = documents.flatMap(({ id, json }) => [{ create: { _id: id } }, json]);
    let answer: { readonly items: readonly { readonly create?: Item }[] };
    try {
      answer = (await this.#client.bulk(
        { index: this.#dataStream, operations },
        { signal },
      )) as typeof answer;
    } catch (error) {
      const [only] = documents;
      const isTooLarge = error instanceof errors.ResponseError && error.statusCode === 413;
      if (!isTooLarge || only === undefined) throw error;
      if (documents.length === 1)
        return {
          ...NOTHING,
          refused: [{ document: only, reason: '413: the document is larger than allowed' }],
        };
      return this.#sendHalves(documents, signal);
    }
    if (answer.items?.length !== documents.length) {
      throw new Error(
        `Elasticsearch answered ${answer.items?.length} items for ${documents.length} documents`,
      );
    }
    return sort(documents, answer.items);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #sendHalves(documents: readonly ShippedDocument[], signal: AbortSignal): Promise<Outcome> {
    const middle = Math.ceil(documents.length / 2);
    const left = await this.send(documents.slice(0, middle), signal);
    const right = await this.send(documents.slice(middle), signal);
    return {
      delivered: left.delivered + right.delivered,
      duplicates: left.duplicates + right.duplicates,
      refused: [...left.refused, ...right.refused],
      postponed: [...left.postponed, ...right.postponed],
      postponedBecause: left.postponedBecause ?? right.postponedBecause,
    };
  }
}

export const NOTHING: Outcome = {
  delivered: 0,
  duplicates: 0,
  refused: [],
  postponed: [],
  postponedBecause: undefined,
};

function sort(documents: readonly ShippedDocument[], items: readonly { readonly create?: Item }[]): Outcome {
  let [delivered, duplicates] = [0, 0];
  let postponedBecause: string | undefined;
  const refused: { document: ShippedDocument; reason: string }[] = [];
  const postponed: ShippedDocument[] = [];
  for (const [index, document] of documents.entries()) {
    const item = items[index]?.create ?? { status: 500 };
    if (item.status < 300) delivered += 1;
    else if (item.status === 409) duplicates += 1;
    else if (isTemporary(item)) {
      postponed.push(document);
      postponedBecause ??= reasonOf(item);
    } else refused.push({ document, reason: reasonOf(item) });
  }
  return { delivered, duplicates, refused, postponed, postponedBecause };
}
