/** The logging service's page as a browser uses it: its files, a session, the questions that it asks. */
import { request } from 'undici';

export interface LoggingPage {
  /** What the document loads, by path, with the status of each. */
  readonly files: Readonly<Record<string, number>>;
  /** Asks as the page does: by its session. */
  readonly ask: <T>(path: string) => Promise<T>;
}

/** @throws where there is no page, or the token opens no session */
export async function openLoggingPage(base: string, token: string): Promise<LoggingPage> {
  const document = await (await request(`${base}/`)).body.text();
  const files: Record<string, number> = {};
  for (const [, path = ''] of document.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const { statusCode, body } = await request(base + path);
    files[path] = statusCode;
    await body.dump();
  }
  const { statusCode, headers, body } = await request(`${base}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  await body.dump();
  const [cookie = ''] = [headers['set-cookie'] ?? []].flat();
  if (statusCode !== 200) throw new Error(`the session was refused with ${statusCode}`);
  return {
    files,
    ask: async <T>(path: string): Promise<T> => {
      const answer = await request(base + path, { headers: { cookie: cookie.split(';', 1)[0] ?? '' } });
      if (answer.statusCode !== 200) throw new Error(`${path} was refused with ${answer.statusCode}`);
      return (await answer.body.json()) as T;
    },
  };
}
