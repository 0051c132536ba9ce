/** One HTTP exchange, the answer read to its end. */
export interface Http {
  /** @throws ApictlError HTTP_UNREACHABLE when no answer came (refused, reset, timed out, TLS). */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Until the last byte of the answer; 10,000 where absent. */
  readonly timeoutMs?: number;
  /** PEM of the only authorities to trust; the system's where absent. */
  readonly ca?: string;
  /** The name that is asked for and that the certificate must hold for; the URL's host where absent. */
  readonly serverName?: string;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; several values joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the request's start to the answer's last byte. */
  readonly durationMs: number;
}
