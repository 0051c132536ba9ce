/** What the buffer carries -> an event with its identity, its times and its place. */
import { alertIdentity, describeAlert } from './alert.ts';
import { isObject } from './fields.ts';
import { randomId, stableId } from './identity.ts';
import { describeKong, isKongRecord } from './kong.ts';
import { describeLog, describeText, hasOwnTime } from './log.ts';
import type { Described, Entry, Intake, JsonObject, LogEvent } from './model.ts';
import { isPlausible } from './timestamp.ts';

type Place = Pick<LogEvent, 'id' | 'timestampUs' | 'observedUs' | 'channel' | 'attributes'>;

/** What the buffer carries is no record. */
export class NoRecordError extends Error {
  constructor(cause?: unknown) {
    super('what the buffer held is no record', { cause });
    this.name = 'NoRecordError';
  }
}

function recordOf(json: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new NoRecordError(error);
  }
  if (!isObject(value)) throw new NoRecordError();
  return value;
}

/** Column by column: spreading both would take longer than everything else that is done to an event. */
function complete(described: Described, place: Place): LogEvent {
  return {
    id: place.id,
    timestampUs: place.timestampUs,
    timestampRaw: described.timestampRaw,
    observedUs: place.observedUs,
    severityText: described.severityText,
    severityNumber: described.severityNumber,
    body: described.body,
    source: described.source,
    kind: described.kind,
    channel: place.channel,
    service: described.service,
    route: described.route,
    consumer: described.consumer,
    requestId: described.requestId,
    traceId: described.traceId,
    spanId: described.spanId,
    method: described.method,
    path: described.path,
    status: described.status,
    durationMs: described.durationMs,
    upstreamMs: described.upstreamMs,
    gatewayMs: described.gatewayMs,
    client: described.client,
    attributes: place.attributes,
  };
}

function entry(
  intake: Intake,
  described: Described,
  identity: { readonly id: string; readonly redeliverable: boolean },
  attributes: string,
): Entry {
  const { channel, observedUs, position } = intake;
  const { timestampUs } = described;
  const isBelieved = timestampUs !== undefined && isPlausible(timestampUs, observedUs);
  const event = complete(described, {
    id: identity.id,
    timestampUs: isBelieved ? timestampUs : observedUs,
    observedUs,
    channel,
    attributes,
  });
  const { redeliverable } = identity;
  return position === undefined ? { event, redeliverable } : { event, position, redeliverable };
}

/** The same for every delivery of the same event. */
function identify(
  intake: Intake,
  record: JsonObject,
  content: string,
): { id: string; redeliverable: boolean } {
  const { channel, position, occurrence } = intake;
  if (position !== undefined) {
    const { key, generation, end } = position;
    // The position travels with the event, so a line is never read twice: nothing to look for in the store.
    return { id: stableId(key, String(generation), String(end), content), redeliverable: false };
  }
  // Repetitions of a firing alert are one event.
  if (channel === 'alerts') return { id: stableId('alert', alertIdentity(record)), redeliverable: true };
  if (!hasOwnTime(record)) return { id: randomId(), redeliverable: false };
  return { id: stableId(channel, content, String(occurrence)), redeliverable: true };
}

function describe(intake: Intake, record: JsonObject): Described {
  if (intake.channel === 'alerts') return describeAlert(record);
  return isKongRecord(record) ? describeKong(record) : describeLog(record, intake.source);
}

/** @throws NoRecordError */
export function entryOf(intake: Intake): Entry {
  const { buffer, byteOffset, byteLength } = intake.content;
  const content = Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  if (intake.notes !== undefined) {
    const described = describeText(content, intake.source);
    return entry(intake, described, identify(intake, {}, content), JSON.stringify(intake.notes));
  }
  const record = recordOf(content);
  return entry(intake, describe(intake, record), identify(intake, record, content), content);
}
