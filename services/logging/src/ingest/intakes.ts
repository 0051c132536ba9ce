/** Records of a batch -> what the buffer carries. */
import { crc32 } from 'node:zlib';
import { NotAlertmanagerError, splitNotification } from '../event/alert.ts';
import type { Intake } from '../event/model.ts';
import { maskedContent, sourceOfRecord, takeAlert } from '../event/take.ts';
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

/**
 * The same line twice in one batch is two events; the same batch twice is one. Lines of one checksum count as the same: two
 * different ones only get numbers that they would not need, and in every delivery the same ones.
 */
class Occurrences {
  readonly #counts = new Map<number, number>();

  next(content: Uint8Array): number {
    const checksum = crc32(content);
    const earlier = this.#counts.get(checksum) ?? 0;
    this.#counts.set(checksum, earlier + 1);
    return earlier;
  }
}

/** @throws HttpProblem 400 for records nested too deeply */
export function intakesFromRecords(
  records: Iterable<NumberedRecord>,
  channel: 'http' | 'kong' | 'otlp',
  observedUs: number,
  masker: Masker,
): Intake[] {
  const occurrences = new Occurrences();
  const intakes: Intake[] = [];
  for (const received of records) {
    try {
      const content = maskedContent(received, masker);
      const source = sourceOfRecord(received.record, channel);
      intakes.push({ channel, source, observedUs, occurrence: occurrences.next(content), content });
    } catch (error) {
      refuseDeep(received.line, error);
    }
  }
  return intakes;
}

/** @throws HttpProblem 400 when it is no notification */
export function intakesFromNotification(body: unknown, observedUs: number, masker: Masker): Intake[] {
  try {
    return splitNotification(body).map((alert, index) => {
      try {
        return takeAlert(alert, observedUs, masker);
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
