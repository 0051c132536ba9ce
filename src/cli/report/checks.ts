import type { ChalkInstance } from 'chalk';

interface ShownCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly fix: string;
}

/** The checks of `doctor` and `smoke`, one a line, what to do below those that failed. */
export function checksText(
  { checks }: { readonly checks: readonly ShownCheck[] },
  paint: ChalkInstance,
): string {
  const lines = checks.flatMap(({ name, ok, found, fix }) => [
    `${ok ? paint.green('✓') : paint.red('✗')} ${name}: ${found}`,
    ...(ok || fix === '' ? [] : [`  ${paint.cyan('fix')} ${fix}`]),
  ]);
  const failed = checks.filter(({ ok }) => !ok).length;
  return [
    ...lines,
    failed === 0 ? `all ${checks.length} checks are fine` : `${failed} of ${checks.length} checks failed`,
  ].join('\n');
}
