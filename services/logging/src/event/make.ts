/** A described record gets its identity, its times and its place: LogEvent. */
import type { Masker } from '../mask/mask.ts';
import { randomId, stableId } from './identity.ts';
import { keepsNumbers } from './json.ts';
import { describeKong, isKongRecord } from './kong.ts';
import { describeLog, describeText, hasOwnTime } from './log.ts';
import type { Channel, Described, FilePosition, Intake, JsonObject, LogEvent } from './model.ts';
import { isPlausible } from './timestamp.ts';

function complete(
  described: Described,
  id: string,
  channel: Channel,
  observedUs: number,
  attributes: string,
): LogEvent {
  const { timestampUs } = described;
  return {
    ...described,
    id,
    timestampUs: timestampUs !== undefined && isPlausible(timestampUs, observedUs) ? timestampUs : observedUs,
    observedUs,
    channel,
    attributes,
  };
}

/** What is known about a line besides its bytes. */
export interface LineOrigin {
  readonly source: string;
  readonly observedUs: number;
  readonly position: FilePosition;
  readonly lineBytes: Uint8Array;
}

function lineId(origin: LineOrigin): string {
  const { key, generation, end } = origin.position;
  return stableId(key, String(generation), String(end), origin.lineBytes);
}

/** A record ready to be kept: masked, and as text. */
interface Kept {
  readonly record: JsonObject;
  readonly json: string;
}

/**
 * Masks. Most lines hold nothing to mask: their own text is kept then, which saves walking through them and printing them.
 * @param text what the record was read from, where it stands alone @throws TooDeepError
 */
function keep(record: JsonObject, text: string | undefined, masker: Masker): Kept {
  if (text !== undefined && keepsNumbers(text) && masker.isClean(record, text)) return { record, json: text };
  const masked = masker.record(record);
  return { record: masked, json: JSON.stringify(masked) };
}

/**
 * A line of a followed file that is a JSON object.
 * @param text the line, where the record is nothing else @throws TooDeepError
 */
export function eventFromRecordLine(
  given: JsonObject,
  text: string | undefined,
  origin: LineOrigin,
  masker: Masker,
): Intake {
  const { record, json } = keep(given, text, masker);
  const described = isKongRecord(record) ? describeKong(record) : describeLog(record, origin.source, false);
  const event = complete(described, lineId(origin), 'file', origin.observedUs, json);
  // The position travels with the event, so a line is never read twice: nothing to look for in the store.
  return { event, position: origin.position, redeliverable: false };
}

/** A line that could not be read as a record: its text is kept. `notes` say what is odd about it. */
export function eventFromTextLine(
  text: string,
  notes: JsonObject,
  origin: LineOrigin,
  masker: Masker,
): Intake {
  const described = describeText(masker.text(text), origin.source);
  const event = complete(described, lineId(origin), 'file', origin.observedUs, JSON.stringify(notes));
  return { event, position: origin.position, redeliverable: false };
}

/**
 * A record that came in by HTTP.
 * @param occurrence how many identical records came before it in the same batch
 * @throws TooDeepError
 */
export function eventFromRecord(
  { record: given, text }: { readonly record: JsonObject; readonly text?: string | undefined },
  channel: 'http' | 'kong' | 'otlp',
  occurrence: number,
  observedUs: number,
  masker: Masker,
): Intake {
  const own = hasOwnTime(given);
  const { record, json } = keep(given, text, masker);
  const described = isKongRecord(record) ? describeKong(record) : describeLog(record, channel, true);
  const id = own ? stableId(channel, json, String(occurrence)) : randomId();
  return { event: complete(described, id, channel, observedUs, json), redeliverable: own };
}

/** One alert of a notification; `identity` makes its repetitions the same event. */
export function eventFromAlert(
  alert: JsonObject,
  described: Described,
  identity: string,
  observedUs: number,
  masker: Masker,
): Intake {
  const attributes = JSON.stringify(masker.record(alert));
  const event = complete(described, stableId('alert', identity), 'alerts', observedUs, attributes);
  return { event: { ...event, body: masker.text(event.body) }, redeliverable: true };
}
