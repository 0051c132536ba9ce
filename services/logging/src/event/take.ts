/**
 * A record as it came -> what the buffer carries. Only what has to be done before an acknowledgement is done here:
 * it is masked and counted under its source. What it says is read later, in the thread of the store.
 */
import type { Masker } from '../mask/mask.ts';
import { mayHoldCredentials } from '../mask/text.ts';
import { keepsNumbers } from './json.ts';
import { isKongRecord } from './kong.ts';
import { claimedSource } from './log.ts';
import type { FilePosition, Intake, JsonObject } from './model.ts';

export const KONG_SOURCE = 'kong';
export const ALERT_SOURCE = 'alertmanager';

/** What is known about a line besides its bytes. */
export interface LineOrigin {
  readonly source: string;
  readonly observedUs: number;
  readonly position: FilePosition;
}

/** A record with the text and the bytes that it was read from, where it stood alone in them. */
export interface ReceivedRecord {
  readonly record: JsonObject;
  readonly text?: string;
  readonly bytes?: Uint8Array;
  /** What `isPlain` says about the text, where that is known already. */
  readonly isPlain?: boolean;
}

/**
 * True when nothing in a text reads like a credential or is a number that printing could alter. It holds for all of its lines
 * then: a batch is looked through at once, which takes a fraction of the time of looking through each line.
 */
export function isPlain(text: string): boolean {
  return keepsNumbers(text) && !mayHoldCredentials(text);
}

/**
 * Masks. Most lines hold nothing to mask: their own bytes are kept then, which saves walking through them and printing them.
 * @throws TooDeepError
 */
export function maskedContent(received: ReceivedRecord, masker: Masker): Uint8Array {
  const { record, text, bytes } = received;
  if (text !== undefined && (received.isPlain === true || isPlain(text)) && masker.isClean(record))
    return bytes ?? Buffer.from(text);
  return Buffer.from(JSON.stringify(masker.record(record)));
}

/** The name under which a record that came in by HTTP is counted. */
export function sourceOfRecord(record: JsonObject, channel: 'http' | 'kong' | 'otlp'): string {
  return isKongRecord(record) ? KONG_SOURCE : (claimedSource(record) ?? channel);
}

/** A line of a followed file that is a JSON object. @throws TooDeepError */
export function takeRecordLine(received: ReceivedRecord, origin: LineOrigin, masker: Masker): Intake {
  const { source, observedUs, position } = origin;
  return {
    channel: 'file',
    // The file's name says who wrote it, not the text in it; Kong's record is known by its form.
    source: isKongRecord(received.record) ? KONG_SOURCE : source,
    observedUs,
    occurrence: 0,
    position,
    content: maskedContent(received, masker),
  };
}

/** A line that could not be read as a record: its text is kept. `notes` say what is odd about it. */
export function takeTextLine(text: string, notes: JsonObject, origin: LineOrigin, masker: Masker): Intake {
  const content = Buffer.from(masker.text(text));
  return { channel: 'file', ...origin, occurrence: 0, notes, content };
}

/** One alert of a notification. @throws TooDeepError */
export function takeAlert(record: JsonObject, observedUs: number, masker: Masker): Intake {
  const content = maskedContent({ record }, masker);
  return { channel: 'alerts', source: ALERT_SOURCE, observedUs, occurrence: 0, content };
}
