import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configJsonSchema, configMarkdown } from '../../../src/config/docs.ts';

const committed = (path: string): string =>
  readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

it('docs/configuration.md is what the schema says ("npm run docs" writes it)', () => {
  expect(committed('configuration.md')).toBe(configMarkdown());
});

it('docs/apictl.schema.json is what the schema says ("npm run docs" writes it)', () => {
  expect(committed('apictl.schema.json')).toBe(configJsonSchema());
});

it('every key of the configuration is in the page with its environment variable', () => {
  expect(configMarkdown()).toContain('`APICTL_PORTS_PROXY_TLS`');
  expect(configMarkdown()).toContain('`backends.healthPath`');
});
