import type { SecretSpec, SecretState } from './model.ts';
import { FILE_MODE, FOLDER_MODE } from './model.ts';

/** Something about secrets that is not as it should be, and what to type. */
export interface SecretFinding {
  /** `secret postgres-password`, `service kong`. */
  readonly object: string;
  readonly found: string;
  readonly fix: string;
}

export interface StateFacts {
  readonly nowMs: number;
  /** Who runs apictl; null where the system has no such number. */
  readonly user: number | null;
  /** Older ones are a finding; null: none is too old. */
  readonly maxAgeMs: number | null;
  readonly folder: { readonly path: string; readonly mode: number; readonly owner: number } | null;
}

const DAY_MS = 86_400_000;
/** Two machines' clocks may differ by so much. */
const CLOCK_MS = 60_000;

/** What the files say of themselves. Pure. */
export function fileFindings(
  specs: readonly SecretSpec[],
  states: readonly SecretState[],
  facts: StateFacts,
): SecretFinding[] {
  const specOf = (name: string) => specs.find((spec) => spec.name === name);
  return [
    ...folderFindings(facts),
    ...states.flatMap((state) => {
      const object = `secret ${state.name}`;
      const broken = brokenState(specOf(state.name), state);
      if (broken !== null) return [{ object, ...broken }];
      return [...modeFindings(state, facts), ...ageFindings(specOf(state.name), state, facts)].map(
        (finding) => ({ object, ...finding }),
      );
    }),
  ];
}

type Found = Omit<SecretFinding, 'object'>;

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
const REPAIR = 'Say "apictl secrets init", which gives files and folder their modes.';

function folderFindings({ folder, user }: StateFacts): SecretFinding[] {
  if (folder === null) return [];
  const object = folder.path;
  const found: SecretFinding[] = [];
  if (folder.mode !== FOLDER_MODE) {
    found.push({
      object,
      found: `has mode ${octal(folder.mode)} instead of ${octal(FOLDER_MODE)}`,
      fix: REPAIR,
    });
  }
  if (user !== null && user !== 0 && folder.owner !== user) {
    found.push({
      object,
      found: `belongs to user ${folder.owner}`,
      fix: `Say "sudo chown -R ${user} ${object}".`,
    });
  }
  return found;
}

function brokenState(spec: SecretSpec | undefined, state: SecretState): Found | null {
  const { name, path } = state;
  switch (state.state) {
    case 'present':
      return null;
    case 'missing':
      return {
        found: `${path} is missing`,
        fix:
          spec?.bytes === null
            ? `Say "apictl secrets set ${name}".`
            : 'Say "apictl secrets init", or put it back.',
      };
    case 'weak':
      return {
        found: `${state.weakness}`,
        fix: `Say "apictl secrets rotate ${name}".`,
      };
    case 'empty':
    case 'newline':
    case 'not-a-file':
    case 'link':
      return {
        found: `${path}: ${STATE_WORDS[state.state]}`,
        fix: 'Put a file with the right value in its place: one line without a newline at its end.',
      };
  }
}

const STATE_WORDS = {
  empty: 'is empty',
  newline: 'ends with a newline',
  'not-a-file': 'is a folder',
  link: 'is a symbolic link',
} as const;

function modeFindings({ mode, owner }: SecretState, { user }: StateFacts): Found[] {
  const found: Found[] = [];
  if (mode !== null && mode !== FILE_MODE) {
    found.push({ found: `has mode ${octal(mode)} instead of ${octal(FILE_MODE)}`, fix: REPAIR });
  }
  if (user !== null && user !== 0 && owner !== null && owner !== user) {
    found.push({ found: `belongs to user ${owner}`, fix: 'Give it to the user who runs apictl.' });
  }
  return found;
}

function ageFindings(
  spec: SecretSpec | undefined,
  { name, modifiedMs }: SecretState,
  { nowMs, maxAgeMs }: StateFacts,
): Found[] {
  if (modifiedMs === null) return [];
  const ageMs = nowMs - modifiedMs;
  if (ageMs < -CLOCK_MS) {
    return [
      {
        found: `is dated ${Math.ceil(-ageMs / DAY_MS)} day(s) ahead: this machine’s clock was or is wrong`,
        fix: 'Look at the clock ("date"); the age of this secret cannot be told.',
      },
    ];
  }
  const canChange =
    spec !== undefined && spec.holder.kind !== 'former' && spec.holder.kind !== 'every-container';
  if (maxAgeMs === null || ageMs <= maxAgeMs || !canChange) return [];
  return [
    {
      found: `is ${Math.floor(ageMs / DAY_MS)} days old`,
      fix:
        spec.bytes === null
          ? `Have a new one given, then say "apictl secrets set ${name}".`
          : `Say "apictl secrets rotate ${name}".`,
    },
  ];
}

/** What a running container has of secrets, found inside of it. */
export interface ContainerReading {
  readonly service: string;
  /** Null where the definition is not known. */
  readonly expected: readonly string[] | null;
  /** Secret -> SHA-256 in hex of what the container's own user reads; null where it may not. */
  readonly reads: ReadonlyMap<string, string | null>;
  /** Secrets that it may read in another version than the file's, because it takes changes by itself. */
  readonly live: ReadonlySet<string>;
  /** Paths of the host below or above the folder of secrets that it mounts elsewhere. */
  readonly exposes: readonly string[];
  /** Why nothing could be found out; null otherwise. */
  readonly problem: string | null;
}

/** Whether each container reads its own secrets, as they are now, and no other. Pure. */
export function containerFindings(
  readings: readonly ContainerReading[],
  hashes: ReadonlyMap<string, string>,
): SecretFinding[] {
  return readings.flatMap((reading) => {
    const { service, expected, reads, live, exposes, problem } = reading;
    const found: Found[] = [];
    if (problem !== null)
      found.push({ found: `cannot be looked into: ${problem}`, fix: `See "apictl logs ${service}".` });
    for (const name of problem === null ? (expected ?? []) : []) {
      if (!reads.has(name)) found.push({ found: `does not have its secret ${name}`, fix: RECREATE });
    }
    for (const [name, hash] of reads) {
      if (expected !== null && !expected.includes(name)) {
        found.push({ found: `has the secret ${name}, which is none of its own`, fix: RECREATE });
      } else if (hash === null) {
        found.push({ found: `may not read its secret ${name}`, fix: REPAIR });
      } else if (!live.has(name) && hashes.has(name) && hashes.get(name) !== hash) {
        found.push({ found: `runs with another ${name} than the file has`, fix: RECREATE });
      }
    }
    for (const path of exposes) {
      found.push({
        found: `mounts ${path}, and so secrets that are not its own`,
        fix: 'Take that mount out of compose.override.yaml.',
      });
    }
    return found.map((one) => ({ object: `service ${service}`, ...one }));
  });
}

const RECREATE = 'Say "apictl up", which makes it anew.';
