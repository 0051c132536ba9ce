/** Records of a batch -> events, with the senders' names for them. */
import { alertIdentity, describeAlert, NotAlertmanagerError, splitNotification } from '../event/alert.ts';
import { eventFromAlert, eventFromRecord } from '../event/make.ts';
import type { Intake } from '../event/model.ts';
import { HttpProblem } from '../http/problem.ts';
import { type Masker, TooDeepError } from '../mask/mask.ts';
import type { NumberedRecord } from './records.ts';

function refuseDeep(line: number, error: unknown): never {
  if (error instanceof TooDeepError) {
    throw new HttpProblem(
      400,
      'TOO_DEEP',
      `record ${line} is ${error.message}; nothing of the batch was taken`,
      {
        line,
      },
    );
  }
  throw error;
}

/** @throws HttpProblem 400 for records nested too deeply */
export function intakesFromRecords(
  records: readonly NumberedRecord[],
  channel: 'http' | 'kong' | 'otlp',
  observedUs: number,
  masker: Masker,
): Intake[] {
  const occurrences = new Map<string, number>();
  return records.map((numbered) => {
    try {
      const first = eventFromRecord(numbered, channel, 0, observedUs, masker);
      if (!first.redeliverable) return first;
      const occurrence = occurrences.get(first.event.id) ?? 0;
      occurrences.set(first.event.id, occurrence + 1);
      // The same line twice in one batch is two events; the same batch twice is one.
      return occurrence === 0 ? first : eventFromRecord(numbered, channel, occurrence, observedUs, masker);
    } catch (error) {
      return refuseDeep(numbered.line, error);
    }
  });
}

/** @throws HttpProblem 400 when it is no notification */
export function intakesFromNotification(body: unknown, observedUs: number, masker: Masker): Intake[] {
  try {
    return splitNotification(body).map((alert, index) => {
      try {
        return eventFromAlert(alert, describeAlert(alert), alertIdentity(alert), observedUs, masker);
      } catch (error) {
        return refuseDeep(index + 1, error);
      }
    });
  } catch (error) {
    if (error instanceof NotAlertmanagerError)
      throw new HttpProblem(400, 'NOT_A_NOTIFICATION', error.message);
    throw error;
  }
}
