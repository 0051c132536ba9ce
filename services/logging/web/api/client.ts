/** The page's way to the service: its session, its CSRF token, its errors. */
import type { Session } from './answers.ts';
import { Problem, problemOf } from './problem.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface AskOptions {
  readonly query?: URLSearchParams | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const SESSION = '/api/v1/session';

async function documentOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

export class Client {
  /** Told when the service does not know the session any more. */
  onSessionEnded: () => void = () => undefined;
  #csrfToken: string | undefined;

  /** The session of an earlier visit; undefined where there is none. */
  async resume(): Promise<Session | undefined> {
    try {
      return this.#keep(await this.#fetch<Session>('GET', SESSION, {}));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return undefined;
      throw error;
    }
  }

  async logIn(token: string): Promise<Session> {
    return this.#keep(await this.#fetch<Session>('POST', SESSION, { body: { token } }));
  }

  /** Finds out whether the session still stands, and says so where it does not. */
  async check(): Promise<void> {
    await this.get(SESSION);
  }

  async logOut(): Promise<void> {
    await this.send('DELETE', SESSION);
    this.#csrfToken = undefined;
  }

  /** @throws Problem; AbortError where the signal fired */
  get<T>(path: string, options: AskOptions = {}): Promise<T> {
    return this.#ask('GET', path, options);
  }

  async send<T>(method: Exclude<Method, 'GET'>, path: string, body?: unknown): Promise<T> {
    try {
      return await this.#ask<T>(method, path, { body });
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'CSRF') throw error;
    }
    // Another tab has logged in since: its session is this tab's as well, with another CSRF token.
    await this.resume();
    return this.#ask<T>(method, path, { body });
  }

  async #ask<T>(method: Method, path: string, options: AskOptions): Promise<T> {
    try {
      return await this.#fetch<T>(method, path, options);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.onSessionEnded();
      throw error;
    }
  }

  async #fetch<T>(method: Method, path: string, { query, body, signal }: AskOptions): Promise<T> {
    const headers = new Headers({ accept: 'application/json' });
    if (body !== undefined) headers.set('content-type', 'application/json');
    if (method !== 'GET' && this.#csrfToken !== undefined) headers.set('x-csrf-token', this.#csrfToken);
    const search = query?.toString() ?? '';
    let response: Response;
    try {
      response = await fetch(search === '' ? path : `${path}?${search}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw new Problem(0, 'UNREACHABLE', 'the logging service does not answer', {
        hint: 'See whether it runs: apictl status.',
      });
    }
    if (!response.ok) {
      throw problemOf(response.status, await documentOf(response), response.headers.get('retry-after'));
    }
    if (response.status === 204) return undefined as T;
    const answer = await documentOf(response);
    if (answer !== null) return answer as T;
    signal?.throwIfAborted();
    throw new Problem(response.status, 'UNREADABLE', 'the answer was cut off, or came from something else');
  }

  #keep(session: Session): Session {
    this.#csrfToken = session.csrf_token;
    return session;
  }
}
