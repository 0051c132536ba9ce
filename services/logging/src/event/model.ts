/** The one event model: what every intake makes, the buffer carries and the store keeps. */

/** `access` = one request seen by the gateway, `alert` = one notification, `log` = anything else. */
export type EventKind = 'access' | 'log' | 'alert';

/** The door an event came in by. */
export type Channel = 'file' | 'http' | 'kong' | 'otlp' | 'alerts';

/** A parsed JSON object whose contents nobody has vouched for. */
export type JsonObject = { [key: string]: unknown };

/** Names follow the OpenTelemetry log data model where it has one; times are microseconds since 1970. */
export interface LogEvent {
  /** 16 hex digits, the same for every delivery of the same event. */
  readonly id: string;
  readonly timestampUs: number;
  /** The time as the sender wrote it, absent when it wrote none. */
  readonly timestampRaw: string | null;
  readonly observedUs: number;
  readonly severityText: string | null;
  /** OpenTelemetry severity number, 0 = unspecified. */
  readonly severityNumber: number;
  readonly body: string;
  readonly source: string;
  readonly kind: EventKind;
  readonly channel: Channel;
  readonly service: string | null;
  readonly route: string | null;
  readonly consumer: string | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly method: string | null;
  readonly path: string | null;
  readonly status: number | null;
  readonly durationMs: number | null;
  readonly upstreamMs: number | null;
  readonly gatewayMs: number | null;
  readonly client: string | null;
  /** The whole record as received, masked, as JSON text. */
  readonly attributes: string;
}

/** What a record says about itself, before it has an identity and a place. */
export type Described = Omit<LogEvent, 'id' | 'observedUs' | 'channel' | 'attributes' | 'timestampUs'> & {
  /** undefined when the record has no usable time of its own. */
  readonly timestampUs: number | undefined;
};

/** How far a file had been read when this event was taken from it. */
export interface FilePosition {
  readonly key: string;
  readonly path: string;
  readonly generation: number;
  /** Offset of the first byte after this event's line. */
  readonly end: number;
}

/** What was taken and what the buffer carries: masked, with its place and time, not read any further. */
export interface Intake {
  readonly channel: Channel;
  readonly source: string;
  readonly observedUs: number;
  /** How many identical records came before it in its batch. */
  readonly occurrence: number;
  /** Present for followed files: event and position become durable in one write. */
  readonly position?: FilePosition;
  /** What is odd about a line that is kept as text; absent for a record. */
  readonly notes?: JsonObject;
  /** The record as JSON, or the line; in UTF-8. */
  readonly content: Uint8Array;
}

/** An event on its way into the store. */
export interface Entry {
  readonly event: LogEvent;
  readonly position?: FilePosition;
  /** True when a sender may deliver it again and the store has to look for an earlier copy. */
  readonly redeliverable: boolean;
}
