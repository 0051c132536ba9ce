import { RULES } from './rules.ts';

const INTRODUCTION = `# Troubleshooting

When a service does not become ready, \`apictl up\` says which, why, what shows it (its health check's command and last answers, its ports, the last lines of
its log), what was not started because of it, and what to type next; what is healthy stays up. With \`--json\` the same is in \`error.services\` of the error
document. \`apictl status\` says the same of a stack that runs, \`apictl doctor\` looks at the machine before anything is started.

A failure that has its cause in another service is explained by that one: heal it first.

## What is recognised

The first that fits is told; \`rule\` is its name in \`error.services\`.

| rule | failure | what helps |
|---|---|---|
`;

/** docs/troubleshooting.md, made from the rules. */
export const troubleshootingMarkdown = (): string =>
  `${INTRODUCTION}${RULES.map(({ id, failure, remedy }) => `| \`${id}\` | ${failure} | ${remedy} |`).join('\n')}\n`;
