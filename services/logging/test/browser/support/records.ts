/** Records as the gateway and the services write them. */

export interface Exchange {
  readonly id: string;
  /** Before now. */
  readonly secondsAgo: number;
  readonly route?: string;
  readonly status?: number;
  readonly milliseconds?: number;
  readonly consumer?: string;
}

/** What Kong logs of a request. */
export function kongRecord(exchange: Exchange): object {
  const { id, secondsAgo, route = 'api', status = 200, milliseconds = 12, consumer } = exchange;
  return {
    started_at: Date.now() - secondsAgo * 1000,
    client_ip: '10.0.0.1',
    request: { method: 'GET', uri: `/api/v1/${route}?page=1`, headers: { 'x-request-id': id } },
    response: { status },
    latencies: { request: milliseconds, proxy: milliseconds - 2, kong: 2 },
    service: { name: 'backend' },
    route: { name: route },
    ...(consumer === undefined ? {} : { consumer: { username: consumer } }),
  };
}

export interface Line {
  readonly secondsAgo: number;
  readonly message: string;
  readonly level?: string;
  readonly source?: string;
  readonly requestId?: string;
  readonly more?: object;
}

/** What a service logs. */
export function logRecord({ secondsAgo, message, level = 'info', source, requestId, more }: Line): object {
  return {
    time: new Date(Date.now() - secondsAgo * 1000).toISOString(),
    level,
    message,
    service: 'shop',
    ...(source === undefined ? {} : { source }),
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...more,
  };
}
