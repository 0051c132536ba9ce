// Writes the pages that are made from schemas: node --import tsx scripts/generate-docs.ts
import { writeFileSync } from 'node:fs';
import { configJsonSchema, configMarkdown } from '../src/config/docs.ts';

const here = (path: string): URL => new URL(`../docs/${path}`, import.meta.url);
writeFileSync(here('configuration.md'), configMarkdown());
writeFileSync(here('apictl.schema.json'), configJsonSchema());
