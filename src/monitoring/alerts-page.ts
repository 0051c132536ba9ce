import type { AlertRule } from './alert-rules.ts';

const INTRODUCTION = `# Alerts

Prometheus evaluates these rules every 15 s and hands what fires to Alertmanager, which tells the receivers. \`apictl status\` and \`apictl alerts ls\` show what
fires now; every alert lies in the logging service too. Thresholds are set under [\`alerting\`](configuration.md) in apictl.yaml.

Times are those of the configuration's defaults. What is in double braces is a value that Prometheus puts in.
`;

/**
 * docs/alerts.md, made from the rule files.
 * @param alerting the values that the rules name as `{{ alerting.window }}`
 */
export function alertsPage(rules: readonly AlertRule[], alerting: Readonly<Record<string, unknown>>): string {
  const groups = [...new Set(rules.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const own = rules.filter((rule) => rule.group === group);
    return `## ${group}\n\n${own.map(entry).join('\n')}`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`.replace(
    /\{\{ alerting\.(\w+) \}\}/g,
    (_whole, name: string) => String(alerting[name]),
  );
}

const entry = ({ name, severity, holds, summary, description, runbook }: AlertRule): string =>
  [
    `### ${name}`,
    '',
    `${severity}${holds === null ? '' : `, after ${holds}`}. ${summary}`,
    '',
    description,
    '',
    `**What to do:** ${runbook}`,
    '',
  ].join('\n');
