import { parser } from '@prometheus-io/lezer-promql';
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { issueWords } from '../core/issue-words.ts';
import { tooDeep } from '../core/yaml-depth.ts';
import { yamlWords } from '../core/yaml-places.ts';
import { yamlTree } from '../core/yaml-tree.ts';

/** A rule file of the user's own, judged before Prometheus sees it: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */

const duration = z
  .string()
  .regex(/^(?:0|(?:\d+(?:ms|s|m|h|d|w|y))+)$/, 'must be a duration as Prometheus writes it, as "5m"');
const labels = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a label'), z.string());
const expr = z.string().superRefine((text, context) => {
  const at = firstError(text);
  if (at === null) return;
  const rest = text.slice(at, at + 30).trim();
  const where = rest === '' ? 'it ends too early' : `from "${rest}" on`;
  context.addIssue({ code: 'custom', message: `cannot be read as PromQL: ${where}` });
});

const alert = z.strictObject({
  alert: z.string().min(1),
  expr,
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  labels: labels.optional(),
  annotations: labels.optional(),
});
const record = z.strictObject({
  record: z.string().regex(/^[A-Za-z_:][\w:]*$/, 'must be the name of a metric'),
  expr,
  labels: labels.optional(),
});

const rule = z.record(z.string(), z.unknown()).superRefine((given, context) => {
  const kind = 'record' in given ? record : alert;
  const judged = kind.safeParse(given);
  for (const issue of judged.error?.issues ?? [])
    context.addIssue({ code: 'custom', path: issue.path, message: issueWords(issue) });
});

const ruleFile = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        interval: duration.optional(),
        query_offset: duration.optional(),
        limit: z.int().min(0).optional(),
        labels: labels.optional(),
        rules: z.array(rule).min(1),
      }),
    )
    .min(1)
    .refine((groups) => new Set(groups.map(({ name }) => name)).size === groups.length, {
      error: 'a group is there twice',
    }),
});

/** Every problem of a rule file as `path:line: where: what`; none where Prometheus can read it. */
export function ruleFileProblems(path: string, text: string): string[] {
  const deep = tooDeep(text);
  if (deep !== null) return [`${path}:${deep.line}: ${deep.message}`];
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  if (document.errors.length > 0) {
    return document.errors.map((error) => `${path}:${lineOf(error.pos[0])}: ${yamlWords(error)}`);
  }
  const tree = yamlTree(document);
  if (!tree.ok) return [`${path}:${lineOf(tree.pos[0])}: ${tree.message}`];
  const judged = ruleFile.safeParse(tree.value);
  return (judged.error?.issues ?? []).map((issue) => {
    const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
    const node = nearestNode(document, keys);
    return `${path}:${lineOf(node)}: ${keys.join('.') || 'the file'}: ${issueWords(issue)}`;
  });
}

/** Where the value lies, or what should hold it. */
function nearestNode(document: ReturnType<typeof parseDocument>, keys: readonly (string | number)[]): number {
  for (let length = keys.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Offset at which an expression stops to be PromQL; null where it is. */
function firstError(text: string): number | null {
  let at: number | null = null;
  parser.parse(text).iterate({
    enter: ({ type, from }) => {
      if (type.isError) at ??= from;
    },
  });
  return text.trim() === '' ? 0 : at;
}
