/** Asking a service over HTTP. */

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests say themselves what they expect of it
  readonly json: any;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : text };
}

/** Sends a batch to the ingest listener. */
export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/x-ndjson' },
): Promise<Answer> {
  return answerOf(await fetch(url, { method: 'POST', body, headers }));
}
