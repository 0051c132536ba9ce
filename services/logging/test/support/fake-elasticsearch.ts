/**
 * The part of Elasticsearch that the sink meets, by hand: the bulk API of a data stream. It refuses what the real one refuses:
 * wrong password, other content types, a body without a last newline, actions other than `create`, an id seen before,
 * documents that are no JSON or have no valid @timestamp.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Stored {
  readonly id: string;
  readonly index: string;
  readonly document: Record<string, unknown>;
}

interface Item {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

/** What is done to the next request instead of answering it: a status for all of it, or its connection cut. */
export type Fault = number | 'reset' | 'reset-after-taking';

export interface FakeElasticsearch {
  readonly url: string;
  readonly documents: Stored[];
  /** Consumed one for each request. */
  readonly faults: Fault[];
  /** A verdict on single documents, before the fake's own. */
  judge: (document: Record<string, unknown>) => Item | undefined;
  readonly requests: { readonly bytes: number; readonly count: number }[];
}

const PRODUCT = {
  'x-elastic-product': 'Elasticsearch',
  'content-type': 'application/vnd.elasticsearch+json;compatible-with=8',
};

export const PASSWORD = 'the-password-of-the-fake';

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function failure(response: ServerResponse, status: number, type: string, reason: string): void {
  response.writeHead(status, PRODUCT).end(JSON.stringify({ error: { type, reason }, status }));
}

export async function fakeElasticsearch(): Promise<FakeElasticsearch> {
  const documents: Stored[] = [];
  const ids = new Set<string>();
  const fake: { -readonly [K in keyof FakeElasticsearch]: FakeElasticsearch[K] } = {
    url: '',
    documents,
    faults: [],
    requests: [],
    judge: () => undefined,
  };

  function take(index: string, action: Record<string, { _id?: string }>, source: string): Item {
    const [[verb, { _id: id = '' } = {}] = ['', {}]] = Object.entries(action);
    if (verb !== 'create') {
      return {
        status: 400,
        error: {
          type: 'illegal_argument_exception',
          reason: 'only write ops with an op_type of create are allowed in data streams',
        },
      };
    }
    let document: Record<string, unknown>;
    try {
      document = JSON.parse(source);
    } catch {
      return { status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse' } };
    }
    const verdict = fake.judge(document);
    if (verdict !== undefined) return verdict;
    if (Number.isNaN(Date.parse(String(document['@timestamp'])))) {
      return {
        status: 400,
        error: {
          type: 'document_parsing_exception',
          reason: 'failed to parse field [@timestamp] of type [date]',
        },
      };
    }
    if (ids.has(id)) {
      return {
        status: 409,
        error: {
          type: 'version_conflict_engine_exception',
          reason: `[${id}]: version conflict, document already exists`,
        },
      };
    }
    ids.add(id);
    documents.push({ id, index, document });
    return { status: 201 };
  }

  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const authorization = `Basic ${Buffer.from(`logging_writer:${PASSWORD}`).toString('base64')}`;
      if (request.headers.authorization !== authorization)
        return failure(response, 401, 'security_exception', 'unable to authenticate user [logging_writer]');
      const index = /^\/([a-z0-9._-]+)\/_bulk$/.exec((request.url ?? '').split('?')[0] ?? '')?.[1];
      if (index === undefined) return failure(response, 404, 'no_handler', `no handler for ${request.url}`);
      if (!String(request.headers['content-type']).includes('x-ndjson'))
        return failure(response, 406, 'media_type_header_exception', 'Content-Type is not supported');
      if (!body.endsWith('\n'))
        return failure(
          response,
          400,
          'illegal_argument_exception',
          'The bulk request must be terminated by a newline [\\n]',
        );
      const lines = body.slice(0, -1).split('\n');
      fake.requests.push({ bytes: body.length, count: lines.length / 2 });
      const fault = fake.faults.shift();
      if (fault === 'reset') return request.socket.destroy();
      if (typeof fault === 'number')
        return failure(response, fault, 'es_rejected_execution_exception', `made to answer ${fault}`);
      const items = [];
      for (let at = 0; at < lines.length; at += 2) {
        items.push({ create: take(index, JSON.parse(lines[at] ?? ''), lines[at + 1] ?? '') });
      }
      if (fault === 'reset-after-taking') return request.socket.destroy();
      response
        .writeHead(200, PRODUCT)
        .end(JSON.stringify({ took: 1, errors: items.some(({ create }) => create.status > 299), items }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
