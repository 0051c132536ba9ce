/** One operation of the query API: the schemas that validate it are the ones that describe it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';

type Shape = z.ZodObject | undefined;
type Parsed<S extends Shape> = S extends z.ZodType ? z.output<S> : undefined;

export interface Endpoint<Q extends Shape = undefined, B extends Shape = undefined> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With Fastify's parameters: `/api/v1/events/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: Q;
  readonly body?: B;
  /** undefined: no content, or a stream. */
  readonly answer: z.ZodType | undefined;
  /** The media type of an answer that is no JSON document. */
  readonly stream?: string;
  /** True for what needs neither token nor session. */
  readonly isOpen?: boolean;
}

export interface Call<Q extends Shape, B extends Shape> {
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of endpoints with different schemas
export type AnyEndpoint = Endpoint<any, any>;

function problemText(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    return `unknown parameter ${issue.keys.map((key) => JSON.stringify(key.slice(0, 40))).join(', ')}`;
  }
  return `${issue.path.length === 0 ? 'it' : issue.path.join('.')} ${issue.message}`;
}

/** Every problem at once. @throws HttpProblem 400 */
export function validate<S extends z.ZodType>(schema: S, value: unknown, code: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new HttpProblem(400, code, result.error.issues.map(problemText).join('; '));
}

/** Puts operations on a server, and keeps the list that becomes their description. */
export class Api {
  readonly #app: FastifyInstance;
  readonly #endpoints: AnyEndpoint[];

  /** @param endpoints shared by the scopes of one listener; grows with every `add` */
  constructor(app: FastifyInstance, endpoints: AnyEndpoint[]) {
    this.#app = app;
    this.#endpoints = endpoints;
  }

  get endpoints(): readonly AnyEndpoint[] {
    return this.#endpoints;
  }

  add<Q extends Shape, B extends Shape>(
    endpoint: Endpoint<Q, B>,
    handle: (call: Call<Q, B>) => Promise<unknown>,
  ): void {
    this.#endpoints.push(endpoint);
    const { query = z.strictObject({}), body } = endpoint;
    this.#app.route({
      method: endpoint.method,
      url: endpoint.path,
      handler: async (request, reply) =>
        handle({
          query: validate(query, request.query, 'BAD_QUERY') as Parsed<Q>,
          body: (body === undefined ? undefined : validate(body, request.body, 'BAD_BODY')) as Parsed<B>,
          request,
          reply,
        }),
    });
  }
}
