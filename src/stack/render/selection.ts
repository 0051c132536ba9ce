import type { Profile } from '../../config/choices.ts';
import type { Fragment } from '../fragments/fragments.ts';
import { backendNames } from './backends.ts';
import type { TreeMap } from './compose-tree.ts';
import { resolveMap, unescaped } from './placeholders.ts';
import type { RenderInput, ServiceRow } from './render-stack.ts';

/** The fragments that these profiles and this flavour have. */
export const selectFragments = (
  input: Pick<RenderInput, 'fragments' | 'flavour' | 'profiles'>,
): readonly Fragment[] =>
  input.fragments.services.filter(
    (fragment) =>
      missingProfile(fragment, input) === undefined && fragment[input.flavour].kind !== 'left out',
  );

/** Those of the profiles that have a service in this flavour. */
export const servedProfiles = (
  input: Pick<RenderInput, 'fragments' | 'flavour' | 'profiles'>,
): readonly Profile[] => {
  const selected = selectFragments(input);
  return input.profiles.filter((profile) => selected.some((fragment) => fragment.profile === profile));
};

const missingProfile = (
  fragment: Fragment,
  { profiles }: Pick<RenderInput, 'profiles'>,
): string | undefined => [fragment.profile, ...fragment.with].find((profile) => !profiles.includes(profile));

/** Every service of the design: whether it is the real one, a substitute or left out, and why. */
export function serviceRows(input: RenderInput, values: TreeMap): ServiceRow[] {
  return input.fragments.services.flatMap((fragment) => {
    const names = fragment.replicated === undefined ? [fragment.name] : backendNames(input.config);
    const row = rowOf(fragment, input, values);
    return names.map((service) => ({ service, ...row }));
  });
}

function rowOf(fragment: Fragment, input: RenderInput, values: TreeMap): Omit<ServiceRow, 'service'> {
  const part = fragment[input.flavour];
  // What the flavour lacks is told first: selecting the profile would not bring it.
  if (part.kind !== 'left out') {
    const profile = missingProfile(fragment, input);
    if (profile !== undefined) return { kind: 'left out', why: `profile ${profile} is not selected` };
  }
  const { why } = resolveMap(
    { why: part.why },
    { values, encode: unescaped, file: fragment.path },
  ) as unknown as ServiceRow;
  return { kind: part.kind, why };
}
