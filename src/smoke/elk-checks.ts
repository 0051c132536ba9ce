import type { SmokeCheck } from './model.ts';

const READY_MS = 5_000;

/** The Elastic stack where it runs. Elasticsearch asks for a password; that it asks is the proof that it is there and locked. */
export function elkChecks(urls: Readonly<Record<string, string>>): readonly SmokeCheck[] {
  const { elasticsearch, kibana } = urls;
  const answering = (name: string, url: string, statuses: readonly number[]): SmokeCheck => ({
    name,
    fix: `Look at "apictl logs ${name}".`,
    patienceMs: READY_MS,
    look: async ({ ask }) => {
      const { status } = await ask(url);
      return { ok: statuses.includes(status), found: `answered ${status}` };
    },
  });
  return [
    ...(elasticsearch === undefined ? [] : [answering('elasticsearch', elasticsearch, [401])]),
    ...(kibana === undefined ? [] : [answering('kibana', `${kibana}/api/status`, [200])]),
  ];
}
