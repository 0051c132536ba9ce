// Writes the pages that are made from schemas and commands: node --import tsx scripts/generate-docs.ts
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { commandsPage } from '../src/cli/commands-page.ts';
import { configJsonSchema, configMarkdown } from '../src/config/docs.ts';
import { configSchema } from '../src/config/schema.ts';
import { troubleshootingMarkdown } from '../src/diagnosis/docs.ts';
import { alertRules } from '../src/monitoring/alert-rules.ts';
import { alertsPage } from '../src/monitoring/alerts-page.ts';
import { alertingValues } from '../src/stack/render/alerting.ts';

const here = (path: string): URL => new URL(`../docs/${path}`, import.meta.url);
writeFileSync(here('commands.md'), commandsPage());
writeFileSync(here('configuration.md'), configMarkdown());
writeFileSync(here('apictl.schema.json'), configJsonSchema());
writeFileSync(here('troubleshooting.md'), troubleshootingMarkdown());

const rules = new URL('../monitoring/prometheus/rules/', import.meta.url);
const texts = readdirSync(rules).map((name) => readFileSync(new URL(name, rules), 'utf8'));
writeFileSync(
  here('alerts.md'),
  alertsPage(texts.flatMap(alertRules), alertingValues(configSchema.parse({}).alerting)),
);
