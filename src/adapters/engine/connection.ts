import type Docker from 'dockerode';
import { type Connected, connect } from './connect.ts';
import { findEndpoint } from './endpoint.ts';
import { engineError, statusOf } from './engine-errors.ts';
import { type Query, readDocument } from './read.ts';

/** The way to the engine, made at the first call, so that `--help` needs no engine. */
export class EngineConnection {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #connected: Promise<Connected> | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  connected(): Promise<Connected> {
    this.#connected ??= (async () => connect(findEndpoint(this.#environment)))();
    return this.#connected;
  }

  /** One call of the engine, its failure in our words; `tolerated` are answers that mean "already so". */
  async call<T>(
    doing: string,
    work: (docker: Docker) => Promise<T>,
    tolerated: readonly number[] = [],
  ): Promise<T | undefined> {
    const { docker, endpoint } = await this.connected();
    try {
      return await work(await docker());
    } catch (thrown) {
      const status = statusOf(thrown);
      if (status !== undefined && tolerated.includes(status)) return undefined;
      throw engineError(thrown, endpoint, doing);
    }
  }

  async answer<T>(doing: string, work: (docker: Docker) => Promise<T>): Promise<T> {
    const answer = await this.call(doing, work);
    if (answer === undefined) throw new Error(`the engine gave no answer to "${doing}"`);
    return answer;
  }

  /** A document that the engine answers to a GET. */
  async document(doing: string, path: string, query: Query): Promise<unknown> {
    const connected = await this.connected();
    try {
      return await readDocument(connected, path, query);
    } catch (thrown) {
      throw engineError(thrown, connected.endpoint, doing);
    }
  }
}
