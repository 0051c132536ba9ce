import type { Config } from './schema.ts';

/** What no single value can tell: rules between values. Each gives `path: message` or nothing. */
type Rule = (config: Config) => readonly string[];

const everyPortOnce: Rule = ({ ports }) => {
  const holders = new Map<number, string[]>();
  for (const [name, number] of Object.entries(ports)) {
    holders.set(number, [...(holders.get(number) ?? []), name]);
  }
  return [...holders]
    .filter(([, names]) => names.length > 1)
    .map(([number, names]) => `ports.${names.at(-1)}: ${number} is also ports.${names[0]}`);
};

const oneSourceOfBackends: Rule = ({ backends }) =>
  backends.image !== undefined && backends.build !== undefined
    ? ['backends.build: give either backends.image or backends.build, not both']
    : [];

const renewalFitsValidity: Rule = ({ tls }) =>
  tls.renewBeforeDays < tls.validDays
    ? []
    : ['tls.renewBeforeDays: must be smaller than tls.validDays, or every run would renew'];

const coreIsAlwaysThere: Rule = ({ profiles }) =>
  profiles === undefined || profiles.includes('core')
    ? []
    : ['profiles: must contain core; the other profiles observe it'];

const profilesOnce: Rule = ({ profiles }) =>
  profiles === undefined || new Set(profiles).size === profiles.length
    ? []
    : ['profiles: contains a profile twice'];

/** The logging service refuses less: its segments alone would be larger, and events would be gone before they are stored. */
const LEAST_RETENTION_SECONDS = 60;
const LEAST_LOGGING_MIB = 16;

const loggingKeepsSomething: Rule = ({ retention }) => {
  const seconds = /^(\d+)s$/.exec(retention.logging)?.[1];
  const mebibytes = /^(\d+)MiB$/.exec(retention.loggingSize)?.[1];
  return [
    ...(seconds !== undefined && Number(seconds) < LEAST_RETENTION_SECONDS
      ? [`retention.logging: must be at least ${LEAST_RETENTION_SECONDS}s`]
      : []),
    ...(mebibytes !== undefined && Number(mebibytes) < LEAST_LOGGING_MIB
      ? [`retention.loggingSize: must be at least ${LEAST_LOGGING_MIB}MiB`]
      : []),
  ];
};

/** A rate needs two scrapes; one that is late must not make the alert flap. */
const SCRAPES_IN_WINDOW = 4;

const windowHoldsScrapes: Rule = ({ alerting }) => {
  const seconds = /^(\d+)s$/.exec(alerting.window)?.[1];
  const least = SCRAPES_IN_WINDOW * Number.parseInt(alerting.interval, 10);
  return seconds !== undefined && Number(seconds) < least
    ? [`alerting.window: must be at least ${least}s, four times alerting.interval`]
    : [];
};

const receiversOnce: Rule = ({ alerting }) => {
  const names = alerting.receivers.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`alerting.receivers.${index}.name: ${name} is there twice`],
  );
};

/** Rule files keep their names in the container. */
const ruleFilesOnce: Rule = ({ alerting }) => {
  const names = alerting.rules.map((path) => path.split('/').at(-1));
  return names.flatMap((name, index) =>
    names.indexOf(name) === index ? [] : [`alerting.rules.${index}: another file is called ${name} too`],
  );
};

export const RULES: readonly Rule[] = [
  everyPortOnce,
  oneSourceOfBackends,
  renewalFitsValidity,
  coreIsAlwaysThere,
  profilesOnce,
  loggingKeepsSomething,
  windowHoldsScrapes,
  receiversOnce,
  ruleFilesOnce,
];
