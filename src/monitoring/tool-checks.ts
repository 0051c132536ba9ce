import { isMap, isNode, isSeq, LineCounter, parse, parseDocument, stringify } from 'yaml';
import * as z from 'zod';
import { FILES_FOLDER } from '../core/ports/image-programs.ts';

/**
 * What Prometheus' and Alertmanager's own check programs are given, and their complaints as places of the user's files. They know
 * more than the checks of this program: the types of PromQL, the templates of annotations, how Go reads an address.
 */

/** What one of the programs is to read. */
export interface ToolQuestion {
  readonly argv: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

export interface RuleText {
  /** As apictl.yaml names it. */
  readonly path: string;
  readonly text: string;
}

/** `promtool check rules` of all files at once. */
export function rulesQuestion(rules: readonly RuleText[]): ToolQuestion {
  const files = Object.fromEntries(rules.map(({ text }, index) => [`${index}.yml`, text]));
  return { argv: ['promtool', 'check', 'rules', ...Object.keys(files).map(inContainer)], files };
}

const COMPLAINT_OF_RULES = new RegExp(`^${FILES_FOLDER}/(\\d+)\\.yml: (?:(\\d+):\\d+: )?(.*)$`);
const RULE_OF_GROUP = /^group "(.*?)", rule (\d+),/;

/** promtool's complaints as `path:line: what`; its whole answer where no line of it is understood. */
export function complaintsOfRules(rules: readonly RuleText[], output: string): string[] {
  const lines = output
    .split('\n')
    .filter((line) => !/^(?:Checking |\s*(?:SUCCESS|FAILED)\b)|^\s*$/.test(line));
  const complaints: string[] = [];
  for (const line of lines) {
    const [, index, at, what = ''] = COMPLAINT_OF_RULES.exec(line) ?? [];
    const rule = index === undefined ? undefined : rules[Number(index)];
    if (rule !== undefined) complaints.push(`${rule.path}:${at ?? lineOfRule(rule.text, what)}: ${what}`);
    // A complaint may go on below.
    else if (complaints.length > 0) complaints.push(`${complaints.pop()} ${line.trim()}`);
  }
  return complaints.length > 0 ? complaints : [`${rules.map(({ path }) => path).join(', ')}: ${output}`];
}

/** Line of the rule that a complaint counts to; 1 where it counts to none. */
function lineOfRule(text: string, complaint: string): number {
  const [, group, number] = RULE_OF_GROUP.exec(complaint) ?? [];
  const lines = new LineCounter();
  const groups = parseDocument(text, { lineCounter: lines }).get('groups');
  const of = isSeq(groups)
    ? groups.items.find((item) => isMap(item) && item.get('name') === group)
    : undefined;
  const rule = isMap(of) ? of.getIn(['rules', Number(number) - 1], true) : undefined;
  return isNode(rule) && rule.range ? lines.linePos(rule.range[0]).line : 1;
}

const routing = z.looseObject({ receivers: z.array(z.looseObject({ name: z.string() })) });
const WHOLE = 'alertmanager.yml';
/** No receiver's name makes its file the whole one. */
const SINGLE = 'of-';

/**
 * `amtool check-config` of the rendered configuration, and of each receiver for itself: amtool says what it does not take, but not
 * of whom.
 * @param rendered `alertmanager.yml` as it is rendered
 */
export function receiversQuestion(rendered: string): ToolQuestion {
  const { receivers } = routing.parse(parse(rendered));
  const single = receivers.map((receiver): [string, string] => [
    `${SINGLE}${receiver.name}.yml`,
    stringify({ route: { receiver: receiver.name }, receivers: [receiver] }),
  ]);
  const files = { ...Object.fromEntries(single), [WHOLE]: rendered };
  return { argv: ['amtool', 'check-config', ...Object.keys(files).map(inContainer)], files };
}

const COMPLAINT_OF_RECEIVER = new RegExp(`^Checking '${FILES_FOLDER}/(.+)\\.yml'\\s+FAILED: (.*)$`);

/** amtool's complaints as `alerting.receivers.0 (hook): what`. @param names of the configured receivers, in their order */
export function complaintsOfReceivers(names: readonly string[], output: string): string[] {
  const found = output.split('\n').flatMap((line) => {
    const [, file, what = ''] = COMPLAINT_OF_RECEIVER.exec(line) ?? [];
    if (file === undefined) return [];
    return [{ index: file.startsWith(SINGLE) ? names.indexOf(file.slice(SINGLE.length)) : -1, what }];
  });
  const ofReceivers = found.filter(({ index }) => index >= 0);
  if (ofReceivers.length > 0)
    return ofReceivers.map(({ index, what }) => `alerting.receivers.${index}: ${names[index]}: ${what}`);
  return [`alerting: ${found[0]?.what ?? output}`];
}

const inContainer = (name: string): string => `${FILES_FOLDER}/${name}`;
