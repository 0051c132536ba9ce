import type Docker from 'dockerode';
import { connect } from './connect.ts';
import { type Endpoint, findEndpoint } from './endpoint.ts';
import { engineError, statusOf } from './engine-errors.ts';

interface Connected {
  readonly docker: Docker;
  readonly apiVersion: string;
  readonly endpoint: Endpoint;
}

/** The way to the engine, made at the first call, so that `--help` needs no engine. */
export class EngineConnection {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  #connected: Promise<Connected> | undefined;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  connected(): Promise<Connected> {
    this.#connected ??= (async () => {
      const endpoint = findEndpoint(this.#environment);
      return { ...(await connect(endpoint)), endpoint };
    })();
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
      return await work(docker);
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
}
