import * as z from 'zod';
import { ApictlError, EXIT } from '../../src/core/errors.ts';
import type { Http, HttpRequest, HttpResponse } from '../../src/core/ports/http.ts';

/** Users with passwords behind an API, as a test looks into them. */
export interface FakeUsers {
  readonly http: Http;
  readonly passwords: Map<string, string>;
  /** `PUT /api/user/password`, in order of arrival. */
  readonly asked: string[];
  /** Nobody answers any more. */
  isDown: boolean;
}

type Judge = (
  request: HttpRequest & { readonly user: string | null },
  fake: FakeUsers,
) => readonly [number, unknown];

function fakeUsers(passwords: Readonly<Record<string, string>>, judge: Judge): FakeUsers {
  const fake: FakeUsers = {
    passwords: new Map(Object.entries(passwords)),
    asked: [],
    isDown: false,
    http: {
      request: async (request): Promise<HttpResponse> => {
        if (fake.isDown)
          throw new ApictlError({
            code: 'HTTP_UNREACHABLE',
            exitCode: EXIT.bug,
            message: `${request.url}: refused`,
          });
        const path = new URL(request.url).pathname;
        fake.asked.push(`${request.method} ${path}`);
        const [, user = '', password = ''] =
          /^([^:]*):(.*)$/.exec(
            Buffer.from(request.headers?.authorization?.replace('Basic ', '') ?? '', 'base64').toString(),
          ) ?? [];
        const isRight = fake.passwords.get(user) === password;
        const [status, body] = judge({ ...request, user: isRight ? user : null }, fake);
        return { status, headers: {}, body: JSON.stringify(body), durationMs: 1 };
      },
    },
  };
  return fake;
}

const parsed = <T>(schema: z.ZodType<T>, body: HttpRequest['body']) =>
  schema.safeParse(JSON.parse(String(body ?? 'null')));

const elasticRefusal = (status: number, type: string, reason: string) =>
  [status, { error: { root_cause: [{ type, reason }], type, reason }, status }] as const;

const elasticBody = z.strictObject({
  password: z.string().min(6, 'passwords must be at least [6] characters long'),
});

/**
 * Elasticsearch's security API, by its documentation: whoever is not let in gets 401; only elastic sets the password of somebody else;
 * an unknown user, a short password and an unknown field are refused.
 */
export const fakeElasticsearchUsers = (passwords: Readonly<Record<string, string>>): FakeUsers =>
  fakeUsers(passwords, ({ method, url, user, body }, fake) => {
    if (user === null) return elasticRefusal(401, 'security_exception', 'unable to authenticate user');
    const { pathname } = new URL(url);
    if (method === 'GET' && pathname === '/_security/_authenticate') return [200, { username: user }];
    const target = /^\/_security\/user\/(\w+)\/_password$/.exec(pathname)?.[1];
    if (method !== 'POST' || target === undefined)
      return elasticRefusal(400, 'illegal_argument_exception', `no handler for [${method} ${pathname}]`);
    if (user !== 'elastic' && user !== target)
      return elasticRefusal(403, 'security_exception', 'action [change_password] is unauthorized');
    const read = parsed(elasticBody, body);
    if (!read.success)
      return elasticRefusal(400, 'action_request_validation_exception', z.prettifyError(read.error));
    if (!fake.passwords.has(target))
      return elasticRefusal(404, 'resource_not_found_exception', `user [${target}]`);
    fake.passwords.set(target, read.data.password);
    return [200, {}];
  });

const grafanaBody = z.strictObject({
  oldPassword: z.string(),
  newPassword: z.string().min(4),
  confirmNew: z.string().optional(),
});

/** Grafana's API of the user who is logged in: the old password is asked for again, a short one is refused. */
export const fakeGrafana = (passwords: Readonly<Record<string, string>>): FakeUsers =>
  fakeUsers(passwords, ({ method, url, user, body }, fake) => {
    if (user === null) return [401, { message: 'Invalid username or password' }];
    const { pathname } = new URL(url);
    if (method === 'GET' && pathname === '/api/user') return [200, { login: user }];
    if (method !== 'PUT' || pathname !== '/api/user/password') return [404, { message: 'Not found' }];
    const read = parsed(grafanaBody, body);
    if (!read.success) return [400, { message: 'New password is too short' }];
    if (fake.passwords.get(user) !== read.data.oldPassword) return [401, { message: 'invalid old password' }];
    fake.passwords.set(user, read.data.newPassword);
    return [200, { message: 'User password changed' }];
  });
