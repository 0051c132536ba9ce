import type { FailureFacts, Rule } from '../model.ts';
import { type Heard, heard, originNote } from '../said.ts';

export const configurationError: Rule = {
  id: 'configuration-error',
  weight: 'certain',
  failure:
    'Prometheus, Alertmanager, Logstash, Kong, Elasticsearch, Kibana or Grafana finds an error in its configuration',
  remedy: 'correct the file and line that are named, then `apictl up`',
  recognise: (facts) => {
    const found = READERS.map((read) => read(facts)).find((error) => error !== undefined);
    if (found === undefined) return undefined;
    const { file, line, error } = found;
    const place =
      file === undefined
        ? ''
        : ` in ${file}${line === undefined ? '' : `, line ${line}`}${originNote(facts, file)}`;
    return {
      cause: `found an error in its configuration${place}: ${error}`,
      hint: 'Correct it and run "apictl up" again; a changed file recreates this service only.',
    };
  },
};

interface ConfigurationFault {
  readonly file: string | undefined;
  readonly line: string | undefined;
  readonly error: string;
}

/** How each program says it. */
const READERS: readonly ((facts: FailureFacts) => ConfigurationFault | undefined)[] = [
  rules,
  goProgram,
  logstash,
  nginx,
  kong,
  elastic,
];

/** Prometheus on a file of rules: `err="/etc/prometheus/rules.yml: 5:15: group ..."`. */
function rules(facts: FailureFacts): ConfigurationFault | undefined {
  const found = heard(facts, /msg="loading groups failed" err="(\/[^:]+): (\d+):\d+: (.*)"$/);
  return found === undefined ? undefined : faultOf(found);
}

/** Prometheus, Alertmanager and the exporters: `msg="Error loading config" file=... err="yaml: line 3: ..."`. */
function goProgram(facts: FailureFacts): ConfigurationFault | undefined {
  const found = heard(
    facts,
    /msg="(?:Error loading config|Loading configuration file failed|Error parsing config)[^"]*".*? err="(.*)"$/,
  );
  if (found === undefined) return undefined;
  const said = unquoted(found.match[1] ?? '');
  return {
    file: / file=(\/\S+)/.exec(found.line)?.[1] ?? /(\/\S+\.ya?ml)/.exec(said)?.[1],
    line: /line (\d+):/.exec(said)?.[1],
    error: said
      .replace(/^(?:error )?parsing (?:YAML|config) file(?: \S+)?: /, '')
      .replace(/yaml: (?:unmarshal errors:\s*)?/, '')
      .replace(/^line \d+: /, '')
      .trim(),
  };
}

/** Logstash names a line, and its one pipeline file lies where the fragment mounts it. */
function logstash(facts: FailureFacts): ConfigurationFault | undefined {
  const found = heard(
    facts,
    /LogStash::ConfigurationError", :message=>"(.*? at line (\d+), column \d+ [^"]*?)"/,
    /ConfigurationError.*?:message=>"([^"]+)"/,
  );
  return found === undefined
    ? undefined
    : { file: 'the pipeline', line: found.match[2], error: unquoted(found.match[1] ?? '') };
}

function nginx(facts: FailureFacts): ConfigurationFault | undefined {
  const found = heard(facts, /\[emerg\] (?:\d+#\d+: )?(.*) in (\/[^:]+):(\d+)/);
  return found === undefined
    ? undefined
    : { file: found.match[2], line: found.match[3], error: found.match[1] ?? '' };
}

/** Kong on its settings or a declarative file; our development gateway names the variable. */
function kong(facts: FailureFacts): ConfigurationFault | undefined {
  const file = heard(facts, /error parsing declarative config file (\/[^:]+):\s*(.*)/);
  if (file !== undefined) return { file: file.match[1], line: undefined, error: file.match[2] || file.line };
  const setting = heard(
    facts,
    /^(KONG_[A-Z_]+: .*)/,
    /(?:Error: |conf_loader\S* )(\w+ (?:must be|is not|cannot be|has to be) .*)/,
  );
  return setting === undefined
    ? undefined
    : { file: undefined, line: undefined, error: setting.match[1] ?? '' };
}

function elastic(facts: FailureFacts): ConfigurationFault | undefined {
  const found = heard(
    facts,
    /(\[config validation of \[[^\]]+\]\S*: .*)/,
    /(unknown setting \[[^\]]+\].*)/,
    /([Dd]atasource provisioning error: .*)/,
    /(backend cannot start: .*)/,
  );
  return found === undefined ? undefined : { file: undefined, line: undefined, error: found.match[1] ?? '' };
}

const faultOf = ({ match }: Heard): ConfigurationFault => ({
  file: match[1],
  line: match[2],
  error: unquoted(match[3] ?? ''),
});

const unquoted = (text: string): string =>
  text.replaceAll('\\n', ' ').replaceAll('\\"', '"').replaceAll(/\s+/g, ' ').trim();
