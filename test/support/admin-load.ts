import { request } from 'undici';

/** Writes to an Admin API, one after the other, until it is stopped; answers every status, `lost` where there was no answer. */
export function adminLoad(admin: string) {
  let isAsking = true;
  const statuses: (number | 'lost')[] = [];
  const asking = (async () => {
    while (isAsking) {
      const status = await request(`${admin}/services/s`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"host":"h"}',
      }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode;
        },
        () => 'lost' as const,
      );
      statuses.push(status);
    }
  })();
  return async (): Promise<readonly (number | 'lost')[]> => {
    isAsking = false;
    await asking;
    return statuses;
  };
}
