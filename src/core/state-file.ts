import { ApictlError, EXIT } from './errors.ts';

/**
 * Files in which one run tells a later one what it has begun or chosen. Each has the number of its format, so that an apictl that
 * is older than the file says so instead of taking it for something else. Before the first number there was none.
 */
const FIRST_FORMAT = 1;

/** As a line of JSON per value, with the number of its format first. */
export const stateText = (format: number, state: Readonly<Record<string, unknown>>): string =>
  `${JSON.stringify({ format, ...state }, null, 2)}\n`;

/**
 * What a state file says, without the number; to be checked by whoever knows its shape. Undefined where it is damaged.
 * @throws ApictlError STATE_NEWER (64) for one of a newer apictl
 */
export function parseState(text: string, path: string, format: number): unknown {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { format: written = FIRST_FORMAT, ...state } = value as Readonly<Record<string, unknown>>;
  if (typeof written !== 'number' || !Number.isInteger(written) || written < FIRST_FORMAT) return undefined;
  refuseNewerState(written, format, path);
  return state;
}

/** @throws ApictlError STATE_NEWER (64) */
export function refuseNewerState(written: number, known: number, object: string): void {
  if (written <= known) return;
  throw new ApictlError({
    code: 'STATE_NEWER',
    exitCode: EXIT.usage,
    message: `${object} was written by a newer apictl (format ${written}; this one knows ${known}); nothing was touched`,
    object,
    hint: 'Update apictl, or finish with the newer one what it has begun.',
  });
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
