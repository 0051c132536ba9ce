import { ApictlError, EXIT } from '../core/errors.ts';
import type { SecretFinding } from './findings.ts';
import { FILE_MODE, type SecretSpec, type SecretState } from './model.ts';

/** What is to be generated; everything else stays as it is. */
export interface SecretPlan {
  readonly generate: readonly { readonly name: string; readonly bytes: number }[];
  /** What is to be told and stands in nobody's way. */
  readonly warnings: readonly string[];
  /** Files that others may write or containers may not read, and what mode they get. */
  readonly chmod: readonly { readonly path: string; readonly from: number; readonly mode: number }[];
}

/**
 * Missing files are generated, unless data exists that was created with the lost value.
 * @throws ApictlError SECRETS_UNUSABLE (7) that names every unusable file at once.
 */
export function planSecrets(
  specs: readonly SecretSpec[],
  states: readonly SecretState[],
  existingVolumes: ReadonlySet<string>,
): SecretPlan {
  const problems = states.flatMap((state) => {
    const spec = specs.find(({ name }) => name === state.name);
    const problem = problemOf(spec, state, existingVolumes);
    return problem === undefined ? [] : [{ state, problem }];
  });
  if (problems.length > 0) {
    throw new ApictlError({
      code: 'SECRETS_UNUSABLE',
      exitCode: EXIT.secrets,
      message:
        problems.length === 1
          ? `secret ${problems[0]?.state.name} ${problems[0]?.problem}`
          : `${problems.length} secrets are unusable`,
      object: problems.map(({ state }) => `secret ${state.name}`).join(', '),
      details: problems.map(({ state, problem }) => `${state.path}: ${problem}`),
      hint: problems.every(({ state }) => isToBeGiven(specs, state))
        ? 'Nothing can generate what another service gave you; run the command of each, then this one again.'
        : 'Put the right value back (one line, no newline at its end), or remove the file where a new value will do.',
    });
  }
  return {
    generate: specs.flatMap(({ name, bytes }) =>
      bytes !== null && states.some((state) => state.name === name && state.state === 'missing')
        ? [{ name, bytes }]
        : [],
    ),
    warnings: states.flatMap(({ name, weakness }) =>
      weakness === null
        ? []
        : [`secret ${name} ${weakness}: say "apictl secrets rotate ${name}" when the stack is up`],
    ),
    chmod: states.flatMap(({ path, mode }) =>
      mode === null || mode === FILE_MODE ? [] : [{ path, from: mode, mode: FILE_MODE }],
    ),
  };
}

/** Missing files for which no new value will do, because data was created with the old one. Pure. */
export const lostFindings = (
  specs: readonly SecretSpec[],
  states: readonly SecretState[],
  existingVolumes: ReadonlySet<string>,
): SecretFinding[] =>
  states.flatMap((state) => {
    const spec = specs.find(({ name }) => name === state.name);
    if (state.state !== 'missing' || spec?.bytes === null) return [];
    const found = problemOf(spec, state, existingVolumes);
    const fix = `Put ${state.path} back, as from a backup: one line, no newline at its end.`;
    return found === undefined ? [] : [{ object: `secret ${state.name}`, found, fix }];
  });

const isToBeGiven = (specs: readonly SecretSpec[], { name, state }: SecretState): boolean =>
  state === 'missing' && specs.some((spec) => spec.name === name && spec.bytes === null);

export function problemOf(
  spec: SecretSpec | undefined,
  state: SecretState,
  existingVolumes: ReadonlySet<string>,
): string | undefined {
  switch (state.state) {
    case 'present':
      return undefined;
    case 'empty':
      return 'is empty';
    case 'newline':
      return 'ends with a newline, which some of the services would take as part of it';
    case 'not-a-file':
      return 'is a folder, not a file (the engine makes one where a mounted file is missing)';
    case 'link':
      return 'is a symbolic link; only files in their place are read';
    case 'weak':
      // Data that was created with it must come up before another can be set.
      return isBound(spec, existingVolumes) ? undefined : `${state.weakness}`;
    case 'missing': {
      if (spec?.bytes === null) return `is missing: say "apictl secrets set ${state.name}"`;
      return isBound(spec, existingVolumes)
        ? `is missing, and the data in volume ${spec?.boundTo} was created with it`
        : undefined;
    }
  }
}

const isBound = (spec: SecretSpec | undefined, existingVolumes: ReadonlySet<string>): boolean =>
  spec?.boundTo !== undefined && existingVolumes.has(spec.boundTo);
