// Writes the pages that are made from schemas and commands: node --import tsx scripts/generate-docs.ts
import { writeFileSync } from 'node:fs';
import { commandsPage } from '../src/cli/commands-page.ts';
import { configJsonSchema, configMarkdown } from '../src/config/docs.ts';
import { troubleshootingMarkdown } from '../src/diagnosis/docs.ts';

const here = (path: string): URL => new URL(`../docs/${path}`, import.meta.url);
writeFileSync(here('commands.md'), commandsPage());
writeFileSync(here('configuration.md'), configMarkdown());
writeFileSync(here('apictl.schema.json'), configJsonSchema());
writeFileSync(here('troubleshooting.md'), troubleshootingMarkdown());
