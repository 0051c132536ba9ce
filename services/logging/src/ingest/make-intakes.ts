/** Records of a batch -> events, masked and with their stable ids. */
import { alertIdentity, describeAlert, splitNotification } from '../event/alert.ts';
import { eventFromAlert, eventFromRecord } from '../event/make.ts';
import type { Intake, JsonObject } from '../event/model.ts';
import type { Masker } from '../mask/mask.ts';

/** Identical records of one batch are different events; the same batch sent again is not. @throws TooDeepError */
export function intakesOfRecords(
  records: readonly JsonObject[],
  channel: 'http' | 'kong',
  nowUs: number,
  masker: Masker,
): Intake[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const text = JSON.stringify(record);
    const occurrence = seen.get(text) ?? 0;
    seen.set(text, occurrence + 1);
    return eventFromRecord(record, channel, occurrence, nowUs, masker);
  });
}

/** @throws NotAlertmanagerError, TooDeepError */
export function intakesOfNotification(body: unknown, nowUs: number, masker: Masker): Intake[] {
  return splitNotification(body).map((alert) =>
    eventFromAlert(alert, describeAlert(alert), alertIdentity(alert), nowUs, masker),
  );
}
