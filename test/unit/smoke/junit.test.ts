import { describe, expect, it } from 'vitest';
import { junitXml } from '../../../src/smoke/junit.ts';

describe('the JUnit report', () => {
  it('has a case for each check and a failure with what to do', () => {
    const xml = junitXml([
      { name: 'route api', ok: true, found: 'answered by backend-1', fix: '', seconds: 0.0104 },
      { name: 'logs', ok: false, found: 'not found', fix: 'Look.', seconds: 2 },
      { name: 'late', ok: false, skipped: true, found: 'not checked', fix: 'Wait.', seconds: 0 },
    ]);
    expect(xml).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" skipped="1" time="2.010">
  <testsuite name="apictl smoke" tests="3" failures="1" errors="0" skipped="1" time="2.010">
    <testcase classname="apictl smoke" name="route api" time="0.010">
      <system-out>answered by backend-1</system-out>
    </testcase>
    <testcase classname="apictl smoke" name="logs" time="2.000">
      <failure message="not found">Look.</failure>
    </testcase>
    <testcase classname="apictl smoke" name="late" time="0.000">
      <skipped message="not checked"/>
    </testcase>
  </testsuite>
</testsuites>
`);
  });

  it('escapes what XML cannot hold', () => {
    const xml = junitXml([
      { name: `<&>"'`, ok: false, found: 'a\nb\u0000\uD800c\u{1F600}', fix: ']]>', seconds: 0 },
    ]);
    expect(xml).toContain('name="&#60;&#38;&#62;&#34;&#39;"');
    expect(xml).toContain('message="a&#10;b\uFFFD\uFFFDc\u{1F600}"');
    expect(xml).toContain('>]]&#62;<');
  });
});
