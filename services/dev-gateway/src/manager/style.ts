import { Html } from './html.ts';

/** The page's looks; colours follow the reader's system. */
export const STYLE = new Html(`
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #f6f7f9; --card: #fff; --line: #dfe3e8;
  --good: #0a7a43; --bad: #b3261e; --idle: #6b7280; --mark: #eef1f5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --paper: #12161c; --card: #1a2029;
  --line: #2c3542; --good: #4cc38a; --bad: #ff8a80; --idle: #9aa5b4; --mark: #252d38; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { margin: 0; font-size: 24px; text-transform: capitalize; }
h2 { font-size: 16px; margin: 0; padding: 14px 16px; }
h2 small, header p, footer { color: var(--soft); font-weight: normal; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 20px 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-top: 1px solid var(--line); padding: 8px 16px; text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: 13px; font-weight: 600; white-space: nowrap; }
code { background: var(--mark); border-radius: 4px; font: 13px ui-monospace, monospace; overflow-wrap: anywhere; padding: 1px 5px; }
.badge { border: 1px solid currentcolor; border-radius: 99px; font-size: 12px; padding: 1px 8px; white-space: nowrap; }
.healthy, .on { color: var(--good); }
.unhealthy, .dns_error { color: var(--bad); }
.healthchecks_off, .off, .none { color: var(--idle); }
footer { font-size: 13px; padding-bottom: 32px; }
`);
