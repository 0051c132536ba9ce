import type { ChalkInstance } from 'chalk';
import { ApictlError } from '../../core/errors.ts';
import { ServicesNotReady } from '../../diagnosis/error.ts';
import { harmless } from '../../logs/harmless.ts';
import { failureText } from './failure-text.ts';

/** A failure for people: what, the evidence, what to type next. */
export function errorText(thrown: unknown, paint: ChalkInstance): string {
  if (!(thrown instanceof ApictlError)) return bugText(thrown, paint);
  if (thrown instanceof ServicesNotReady) return `${failureText(thrown, paint)}\n`;
  const lines = [
    `${paint.red('error')} ${shown(thrown.message)}`,
    ...thrown.details.map((line) => `  ${shown(line)}`),
  ];
  if (thrown.hint !== undefined) lines.push(`${paint.cyan('hint')}  ${thrown.hint}`);
  return `${lines.join('\n')}\n`;
}

/** What was asked, or the file that was read, may have put anything into a message. */
const shown = (text: string): string => text.split('\n').map(harmless).join('\n');

function bugText(thrown: unknown, paint: ChalkInstance): string {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return [
    `${paint.red('bug')} apictl failed in a way it does not know.`,
    ...stack.split('\n').map((line) => `  ${line}`),
    `${paint.cyan('hint')}  Please report these lines with the command you typed and the output of "apictl doctor --json".`,
    '',
  ].join('\n');
}

/** The same as a document of `--json`. */
export function errorDocument(thrown: unknown): object {
  if (thrown instanceof ApictlError) return thrown.toJSON();
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    error: {
      code: 'BUG',
      exitCode: 1,
      message: error.message,
      details: (error.stack ?? '').split('\n').slice(1),
      hint: 'Please report this document.',
    },
  };
}
