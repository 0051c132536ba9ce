import type { Http, HttpRequest, HttpResponse } from '../../src/core/ports/http.ts';

/**
 * What Kibana stores encrypted, and its API that encrypts it anew, by its documentation and source: it decrypts with the key that it
 * was started with or with one of those that only decrypt, refuses to start where one is among both, refuses to encrypt anew
 * without such keys, and lets only a superuser do it.
 */
export class FakeKibanaObjects {
  /** Name of an object -> the key that it is encrypted with. */
  readonly objects = new Map<string, string>();
  readonly elasticPassword = 'the password of elastic';
  isDown = false;
  starts = 0;
  #keys: { readonly primary: string; readonly decryptionOnly: readonly string[] } | null = null;

  start(primary: string, decryptionOnly: readonly string[]): void {
    this.starts += 1;
    if (decryptionOnly.includes(primary))
      throw new Error('decryptionOnlyKeys cannot contain the primary encryption key');
    if ([primary, ...decryptionOnly].some((key) => key.length < 32))
      throw new Error('a key must have a minimum length of [32]');
    this.#keys = { primary, decryptionOnly };
  }

  /** Somebody saves a connector. */
  save(name: string): void {
    this.objects.set(name, this.#keys?.primary ?? '');
  }

  /** Whether Kibana reads all of them. */
  readsAll(): boolean {
    const keys = [this.#keys?.primary, ...(this.#keys?.decryptionOnly ?? [])];
    return [...this.objects.values()].every((key) => keys.includes(key));
  }

  readonly http: Http = {
    request: async (request): Promise<HttpResponse> => {
      const [status, body] = this.#answerTo(request);
      return { status, headers: {}, body: JSON.stringify(body), durationMs: 1 };
    },
  };

  #answerTo({ method, url, headers }: HttpRequest): readonly [number, unknown] {
    const { pathname } = new URL(url);
    if (this.isDown || this.#keys === null) return [503, { message: 'Kibana server is not ready yet' }];
    const login = Buffer.from(headers?.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    if (login !== `elastic:${this.elasticPassword}`) return [401, { message: 'Unauthorized' }];
    if (method !== 'POST' || pathname !== '/api/encrypted_saved_objects/_rotate_key')
      return [404, { message: 'Not Found' }];
    if (headers?.['kbn-xsrf'] === undefined)
      return [400, { message: 'Request must contain a kbn-xsrf header.' }];
    const { primary, decryptionOnly } = this.#keys;
    if (decryptionOnly.length === 0)
      return [400, { message: 'Kibana is not configured to support encryption key rotation.' }];
    const due = [...this.objects].filter(([, key]) => key !== primary);
    const readable = due.filter(([, key]) => decryptionOnly.includes(key));
    for (const [name] of readable) this.objects.set(name, primary);
    return [200, { total: due.length, successful: readable.length, failed: due.length - readable.length }];
  }
}
