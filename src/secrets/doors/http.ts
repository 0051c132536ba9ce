import { ApictlError, EXIT } from '../../core/errors.ts';
import type { Http, HttpResponse } from '../../core/ports/http.ts';
import type { Secret } from '../../core/secret.ts';

export const basicLogin = (user: string, password: Secret): string =>
  `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString('base64')}`;

export const bearerLogin = (token: Secret): string => `Bearer ${token.reveal()}`;

/** Asks with a login; true for an answer that only whoever is let in gets, false for a refusal. */
export async function isLetIn(
  http: Http,
  door: { readonly service: string; readonly url: string; readonly authorization: string },
): Promise<boolean> {
  const { service, url, authorization } = door;
  const response = await http.request({ method: 'GET', url, headers: { authorization } });
  if (response.status === 200) return true;
  if (response.status === 401) return false;
  throw unexpected(service, 'whether it lets somebody in', response);
}

/** @throws ApictlError SECRET_DOOR_FAILED (4) with what the service said */
export async function send(
  http: Http,
  door: {
    readonly service: string;
    readonly method: string;
    readonly url: string;
    readonly authorization: string;
    readonly body: unknown;
  },
): Promise<void> {
  const { service, method, url, authorization, body } = door;
  const headers = { authorization, 'content-type': 'application/json' };
  const response = await http.request({ method, url, headers, body: JSON.stringify(body) });
  if (response.status !== 200) throw unexpected(service, 'to a new password', response);
}

/** What a service should not have answered `what`. */
export const unexpected = (service: string, what: string, { status, body }: HttpResponse): ApictlError =>
  new ApictlError({
    code: 'SECRET_DOOR_FAILED',
    exitCode: EXIT.unhealthy,
    message: `${service} answered ${status} ${what}: ${body.slice(0, 300)}`,
    object: `service ${service}`,
    hint: `See "apictl logs ${service}".`,
  });
