import type { Readiness } from './readiness.ts';

/** Why a service is not ready: how the wait for it ended, or what the engine said when it refused to start it. */
export type NotReadyReason =
  | Exclude<Readiness, { state: 'ready' }>
  | { readonly state: 'not-started'; readonly refusal: string };

/** A service that did not become ready; what is known of it is added by the diagnosis. */
export class NotReady extends Error {
  readonly service: string;
  readonly containerId: string;
  readonly readiness: NotReadyReason;

  constructor(service: string, containerId: string, readiness: NotReadyReason) {
    super(`${service} did not become ready: ${readiness.state}`);
    this.service = service;
    this.containerId = containerId;
    this.readiness = readiness;
  }
}
