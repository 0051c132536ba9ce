/** What Logstash answers about its pipeline, by hand, after the documentation of `_node/stats/pipelines`: one line of JSON. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeLogstash {
  readonly url: string;
  /** Bytes that wait in its persistent queue. */
  queued: number;
  /** Bytes of records that Elasticsearch has refused; an empty queue has its version, a byte. */
  deadLetters: number;
  /** Without it the API answers 404. */
  runs: boolean;
  close(): Promise<void>;
}

export const QUEUE_MAX_BYTES = 256 * 1024 * 1024;
const DEAD_LETTERS_MAX_BYTES = 128 * 1024 * 1024;

const EVENTS = {
  in: 5_120,
  out: 5_118,
  filtered: 5_118,
  duration_in_millis: 4_200,
  queue_push_duration_in_millis: 90,
};
const PLUGIN = {
  id: '2c5a',
  name: 'elasticsearch',
  events: { in: 5_118, out: 5_118, duration_in_millis: 3_100 },
};

const statsOf = ({ queued, deadLetters }: Pick<FakeLogstash, 'queued' | 'deadLetters'>) => ({
  ...{ host: 'logstash', version: '8.19.20', http_address: '0.0.0.0:9600', id: 'a1b2', name: 'logstash' },
  ...{ ephemeral_id: 'c3d4', snapshot: false, status: 'green' },
  pipeline: { workers: 1, batch_size: 125, batch_delay: 50 },
  pipelines: {
    main: {
      events: EVENTS,
      flow: { queue_backpressure: { current: 0.01, lifetime: 0.004 } },
      plugins: { inputs: [], codecs: [], filters: [], outputs: [PLUGIN] },
      reloads: {
        last_error: null,
        successes: 0,
        last_success_timestamp: null,
        last_failure_timestamp: null,
        failures: 0,
      },
      queue: {
        type: 'persisted',
        capacity: {
          ...{ max_unread_events: 0, page_capacity_in_bytes: 67_108_864 },
          ...{ max_queue_size_in_bytes: QUEUE_MAX_BYTES, queue_size_in_bytes: queued },
        },
        data: {
          path: '/usr/share/logstash/data/queue/main',
          free_space_in_bytes: 77e9,
          storage_type: 'overlay',
        },
        ...{
          events: 2,
          events_count: 2,
          queue_size_in_bytes: queued,
          max_queue_size_in_bytes: QUEUE_MAX_BYTES,
        },
      },
      pipeline: { workers: 1, batch_size: 125, batch_delay: 50 },
      dead_letter_queue: {
        ...{ max_queue_size_in_bytes: DEAD_LETTERS_MAX_BYTES, last_error: 'no errors', dropped_events: 0 },
        ...{ queue_size_in_bytes: deadLetters, expired_events: 0, storage_policy: 'drop_newer' },
      },
      ...{ hash: 'e5f6', ephemeral_id: 'a7b8' },
    },
  },
});

export async function fakeLogstash(): Promise<FakeLogstash> {
  const fake: { -readonly [K in keyof FakeLogstash]: FakeLogstash[K] } = {
    ...{ url: '', queued: 1, deadLetters: 1, runs: true },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer(({ url }, response) => {
    const found = fake.runs && url === '/_node/stats/pipelines/main';
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(found ? statsOf(fake) : { path: url, status: 404, error: { message: 'Not Found' } }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}
