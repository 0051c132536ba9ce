import { ApictlError, EXIT } from '../core/errors.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as people give it: `10m` or `2h30m` ago, or a date as `2026-11-23T10:00:00Z`. In milliseconds since the epoch.
 * @throws ApictlError OPTION_INVALID (64).
 */
export function momentOf(option: string, text: string, nowMs: number): number {
  if (/^(\d+[smhd])+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+)([smhd])/g)];
    return (
      nowMs - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0)
    );
  }
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message: `${option} is neither a duration nor a date: "${text}"`,
    object: option,
    hint: 'Give a duration as 10m or 2h30m, or a date as 2026-11-23T10:00:00Z.',
  });
}
