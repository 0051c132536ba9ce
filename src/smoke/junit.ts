import type { CheckResult } from './model.ts';

/** The checks as JUnit XML, as CI systems read it: one suite, one case for each check. */
export function junitXml(checks: readonly CheckResult[], suite = 'apictl smoke'): string {
  const skipped = checks.filter((check) => check.skipped === true).length;
  const failures = checks.filter((check) => !check.ok && check.skipped !== true).length;
  const seconds = checks.reduce((sum, check) => sum + check.seconds, 0);
  const totals = `tests="${checks.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${totals}>`,
    `  <testsuite name="${escaped(suite)}" ${totals}>`,
    ...checks.map(testCase(suite)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const testCase =
  (suite: string) =>
  ({ name, ok, found, fix, seconds, skipped }: CheckResult): string => {
    const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
    if (skipped === true) return `${head}>\n      <skipped message="${escaped(found)}"/>\n    </testcase>`;
    if (ok) return `${head}>\n      <system-out>${escaped(found)}</system-out>\n    </testcase>`;
    return `${head}>\n      <failure message="${escaped(found)}">${escaped(fix)}</failure>\n    </testcase>`;
  };

/** XML cannot hold most control characters, not even escaped; a line break in an attribute needs its number. */
const escaped = (text: string): string =>
  [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      const isForbidden =
        (code < 0x20 && ![0x9, 0xa, 0xd].includes(code)) ||
        (code >= 0xd800 && code <= 0xdfff) ||
        code === 0xfffe ||
        code === 0xffff;
      if (isForbidden) return '\uFFFD';
      if (code < 0x20 || '<>&"\''.includes(character)) return `&#${code};`;
      return character;
    })
    .join('');
