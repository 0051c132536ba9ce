import { request } from 'undici';
import { expect } from 'vitest';
import { dashboardQueries, variableQueries } from '../../support/dashboards.ts';
import { eventually, type TestProject } from './project.ts';
import { needsOfficialFlavour } from './recorded-answers.ts';

/**
 * Asks the project's Prometheus every query of the dashboards that the embedded flavour can answer, under traffic, until
 * each has found a number, and each variable a value. Answers how many queries that were.
 */
export async function expectDashboardsAnswered(project: TestProject): Promise<number> {
  const asked = dashboardQueries.filter((query) => !needsOfficialFlavour(query));
  const open = new Map(asked.map(({ of, expr }) => [of, expr]));
  const prometheus = `http://127.0.0.1:${project.ports.prometheus}/api/v1`;
  await eventually(
    'every query of the dashboards finds a number',
    async () => {
      await sendRequests(project);
      for (const [of, expr] of open) if (await findsNumber(prometheus, expr)) open.delete(of);
      expect([...open]).toEqual([]);
    },
    120_000,
  );
  for (const { of, label, match } of variableQueries) {
    const query = new URLSearchParams({ 'match[]': match });
    expect(await ask(`${prometheus}/label/${label}/values?${query}`), of).not.toEqual([]);
  }
  return asked.length;
}

/** Some that are answered by a backend, one for a consumer, and one that the gateway refuses itself. */
async function sendRequests({ ports, secret }: TestProject): Promise<void> {
  const proxy = `http://127.0.0.1:${ports.proxy}`;
  const apikey = await secret('partner-api-key');
  const answers = await Promise.all([
    ...Array.from({ length: 6 }, () => request(`${proxy}/api/v1/whoami`)),
    request(`${proxy}/partner/v1/whoami`, { headers: { apikey } }),
    request(`${proxy}/partner/v1/whoami`),
  ]);
  await Promise.all(answers.map(({ body }) => body.dump()));
}

async function findsNumber(prometheus: string, expr: string): Promise<boolean> {
  const query = new URLSearchParams({ query: expr });
  const { result } = (await ask(`${prometheus}/query?${query}`)) as {
    result: readonly { readonly value: readonly [number, string] }[];
  };
  return result.some(({ value }) => !Number.isNaN(Number(value[1])));
}

async function ask(url: string): Promise<unknown> {
  const { statusCode, body } = await request(url);
  const answer = (await body.json()) as { data: unknown; error?: string };
  expect(statusCode, answer.error).toBe(200);
  return answer.data;
}
