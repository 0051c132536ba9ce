import * as z from 'zod';
import { shareProblem } from './balance.ts';
import type { Answer, Finding, SmokeCheck, SmokeWorld } from './model.ts';

const whoami = z.object({ instance: z.string(), requestId: z.string().nullish() });

const READ_KONG =
  'Look at "apictl status" and "apictl logs kong"; "apictl seed diff" says whether Kong is as declared.';
const REQUESTS_PER_BACKEND = 50;
const AT_A_TIME = 10;

/** A new or recovered target takes its share within the interval of the health checks. */
const SETTLING_MS = 10_000;

/** The gateway as its clients see it: routes, balancing, TLS, keys, request ids. */
export function gatewayChecks(urls: Readonly<Record<string, string>>): readonly SmokeCheck[] {
  const { proxy, proxyTls, admin } = urls;
  if (proxy === undefined || proxyTls === undefined) {
    const look = async () => ({ ok: false, found: 'Kong’s proxy does not run' });
    return [{ name: 'gateway', fix: 'Bring the stack up with "apictl up".', look }];
  }
  return [
    {
      name: 'route api',
      needs: ['route api'],
      fix: READ_KONG,
      patienceMs: SETTLING_MS,
      look: async ({ ask }) => answered(await ask(`${proxy}/api/v1/whoami`)),
    },
    {
      name: 'route gateway-health',
      needs: ['route gateway-health'],
      fix: READ_KONG,
      look: async ({ ask }) => expecting(200, await ask(`${proxy}/healthz`)),
    },
    {
      name: 'balancing',
      needs: ['route api'],
      fix: 'Look at the targets in "apictl status": each backend must be HEALTHY.',
      patienceMs: SETTLING_MS,
      look: (world) => balanced(world, proxy),
    },
    {
      name: 'balancing over TLS',
      needs: ['route api'],
      fix: 'Look at "apictl certs ls" and at the targets in "apictl status".',
      patienceMs: SETTLING_MS,
      look: (world) => balanced(world, proxyTls),
    },
    {
      name: 'TLS verified',
      fix: '"apictl certs check" says what is wrong with it.',
      look: async ({ ask }) => {
        // Whatever it answers: without a certificate that can be verified there is no answer.
        await ask(`${proxyTls}/healthz`);
        return { ok: true, found: 'the certificate is for this host and signed by a trusted authority' };
      },
    },
    {
      name: 'route partner without a key',
      needs: ['key-auth on partner'],
      fix: 'The plugin key-auth must be on route partner: "apictl seed" restores it.',
      look: async ({ ask }) => expecting(401, await ask(`${proxy}/partner/v1/whoami`)),
    },
    {
      name: 'route partner with the key',
      needs: ['key-auth on partner'],
      fix: 'Kong’s key may be another than secret partner-api-key: "apictl seed" brings it there.',
      look: async ({ ask, partnerKey }) =>
        answered(await ask(`${proxy}/partner/v1/whoami`, { headers: { apikey: partnerKey.reveal() } })),
    },
    {
      name: 'rate limit',
      needs: ['rate-limiting on api'],
      fix: 'The plugin rate-limiting must be on route api: "apictl seed" restores it.',
      look: async ({ ask }) => {
        const { headers } = await ask(`${proxy}/api/v1/whoami`);
        const limit = headers['x-ratelimit-limit-minute'];
        return limit === undefined
          ? { ok: false, found: 'answers on /api carry no limit' }
          : { ok: true, found: `${limit} a minute, ${headers['x-ratelimit-remaining-minute'] ?? '?'} left` };
      },
    },
    {
      name: 'request id',
      needs: ['correlation-id on api'],
      fix: 'The plugin correlation-id must be on for all routes: "apictl seed" restores it.',
      look: async ({ ask, newRequestId }) => {
        const id = newRequestId();
        const answer = await ask(`${proxy}/api/v1/whoami`, { headers: { 'x-request-id': id } });
        const echoed = answer.headers['x-request-id'];
        const seen = whoami.safeParse(answer.json).data?.requestId;
        if (echoed !== id) return { ok: false, found: `sent one, got ${echoed ?? 'none'} back` };
        if (seen != null && seen !== id)
          return { ok: false, found: 'the backend saw another one than was sent' };
        const own = (await ask(`${proxy}/api/v1/whoami`)).headers['x-request-id'];
        return own === undefined || own === ''
          ? { ok: false, found: 'a request without one does not get one' }
          : { ok: true, found: 'echoed, passed to the backend, and made where there is none' };
      },
    },
    ...(admin === undefined
      ? []
      : [
          {
            name: 'gateway metrics',
            needs: ['prometheus on api'] as const,
            fix: 'The plugin prometheus must be on for all routes: "apictl seed" restores it.',
            patienceMs: SETTLING_MS,
            look: async ({ ask }: SmokeWorld) => {
              const { status, body } = await ask(`${admin}/metrics`);
              const wanted = [
                'kong_http_requests_total',
                'kong_upstream_target_health',
                'kong_request_latency_ms',
              ];
              const missing = wanted.filter((metric) => !body.includes(metric));
              return status === 200 && missing.length === 0
                ? { ok: true, found: wanted.join(', ') }
                : { ok: false, found: `answered ${status}, without ${missing.join(', ') || 'metrics'}` };
            },
          },
        ]),
  ];
}

const expecting = (status: number, answer: Answer): Finding => ({
  ok: answer.status === status,
  found: answer.status === status ? `answered ${status}` : `answered ${answer.status} instead of ${status}`,
});

function answered(answer: Answer): Finding {
  const body = whoami.safeParse(answer.json);
  if (answer.status !== 200) return expecting(200, answer);
  return body.success
    ? { ok: true, found: `answered by ${body.data.instance}` }
    : { ok: false, found: 'answered 200, but without the name of an instance' };
}

/** Equal shares, within 2 % of all requests. */
async function balanced(world: SmokeWorld, url: string): Promise<Finding> {
  const counts = new Map<string, number>();
  const failures = new Map<string, number>();
  const left = Array.from(
    { length: REQUESTS_PER_BACKEND * world.backends.length },
    (_, index) => index,
  ).values();
  const client = async () => {
    for (const _request of left) {
      const answer = await world.ask(`${url}/api/v1/whoami`);
      const instance = whoami.safeParse(answer.json).data?.instance;
      if (answer.status === 200 && instance !== undefined)
        counts.set(instance, (counts.get(instance) ?? 0) + 1);
      else failures.set(`${answer.status}`, (failures.get(`${answer.status}`) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, client));
  const shares = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  const failed = [...failures].map(([status, count]) => `${count} answered ${status}`);
  const problem = failed.length > 0 ? failed.join(', ') : shareProblem(counts, world.backends);
  return problem === undefined
    ? { ok: true, found: shares.join(', ') }
    : { ok: false, found: [problem, ...shares].join('; ') };
}
