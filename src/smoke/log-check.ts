import * as z from 'zod';
import type { SmokeCheck } from './model.ts';

const event = z.looseObject({ kind: z.string().nullish() });
const answerSchema = z.union([z.array(event), z.looseObject({ events: z.array(event) })]);

/** Both sides write lines of a second's age at most; following a file takes as long again. */
const PATIENCE_MS = 20_000;

/** A request is found again by its id: the gateway's line and the backend's. */
export function logCheck(logging: string): SmokeCheck {
  let requestId: string | undefined;
  return {
    name: 'logs',
    needs: ['route api', 'file-log on api'],
    fix: 'Look at "apictl logs logging": it must follow /var/log/kong and /var/log/services.',
    patienceMs: PATIENCE_MS,
    look: async ({ ask, urls, loggingToken, newRequestId, isOwnBackend }) => {
      if (requestId === undefined) {
        const id = newRequestId();
        const sent = await ask(`${urls.proxy}/api/v1/whoami`, { headers: { 'x-request-id': id } });
        if (sent.status !== 200)
          return { ok: false, found: `the request to be found was answered ${sent.status}` };
        requestId = id;
      }
      const search = new URLSearchParams({ request_id: requestId });
      const answer = await ask(`${logging}/api/v1/events?${search}`, {
        headers: { authorization: `Bearer ${loggingToken.reveal()}` },
      });
      if (answer.status !== 200) return { ok: false, found: `the logging service answered ${answer.status}` };
      const parsed = answerSchema.safeParse(answer.json);
      if (!parsed.success)
        return { ok: false, found: 'the logging service answered without a list of events' };
      const events = Array.isArray(parsed.data) ? parsed.data : parsed.data.events;
      const byGateway = events.filter(({ kind }) => kind === 'access').length;
      const byBackend = events.length - byGateway;
      if (byGateway > 0 && byBackend === 0 && isOwnBackend)
        return {
          ok: true,
          found: `found by its request id: ${byGateway} of the gateway; the backend’s line is not asked for: it is your own application, which writes none to /var/log/services`,
        };
      return {
        ok: byGateway > 0 && byBackend > 0,
        found: `found by its request id: ${byGateway} of the gateway, ${byBackend} of the backend`,
      };
    },
  };
}
