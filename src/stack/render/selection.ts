import type { Profile } from '../../config/choices.ts';
import type { Fragment } from '../fragments/fragments.ts';
import { backendNames } from './backends.ts';
import type { TreeMap } from './compose-tree.ts';
import { resolveMap, unescaped } from './placeholders.ts';
import type { RenderInput, ServiceRow } from './render-stack.ts';

type Selecting = Pick<RenderInput, 'fragments' | 'flavour' | 'profiles' | 'target'>;

/** The fragments that these profiles, this flavour and this target have. */
export const selectFragments = (input: Selecting): readonly Fragment[] =>
  input.fragments.services.filter(
    (fragment) => missingProfile(fragment, input) === undefined && whyLeftOut(fragment, input) === undefined,
  );

/** Why the flavour or the target does not have it. */
function whyLeftOut(
  fragment: Fragment,
  { flavour, target }: Pick<RenderInput, 'flavour' | 'target'>,
): string | undefined {
  const part = fragment[flavour];
  if (part.kind === 'left out') return part.why;
  const { swarm } = fragment;
  return target === 'swarm' && swarm !== undefined && 'leftOut' in swarm ? swarm.leftOut : undefined;
}

/** Those of the profiles that have a service in this flavour. */
export const servedProfiles = (input: Selecting): readonly Profile[] => {
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
    const isOne = fragment.replicated === undefined || input.target === 'swarm';
    const names = isOne ? [fragment.name] : backendNames(input.config);
    const row = rowOf(fragment, input, values);
    return names.map((service) => ({ service, ...row }));
  });
}

function rowOf(fragment: Fragment, input: RenderInput, values: TreeMap): Omit<ServiceRow, 'service'> {
  const leftOut = whyLeftOut(fragment, input);
  // What the flavour lacks is told first: selecting the profile would not bring it.
  if (leftOut === undefined) {
    const profile = missingProfile(fragment, input);
    if (profile !== undefined) return { kind: 'left out', why: `profile ${profile} is not selected` };
  }
  const part = fragment[input.flavour];
  const { why } = resolveMap(
    { why: leftOut ?? part.why },
    { values, encode: unescaped, file: fragment.path },
  ) as unknown as ServiceRow;
  return { kind: leftOut === undefined ? part.kind : 'left out', why };
}
