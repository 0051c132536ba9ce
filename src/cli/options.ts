import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROFILES } from '../config/choices.ts';

/** `--profile core,monitoring` or given several times. */
export const profileOption = (): Option =>
  new Option('--profile <names>', `profiles: ${PROFILES.join(', ')}`).argParser(
    (text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), ...profiles(text)],
  );

function profiles(text: string): string[] {
  const names = text.split(',');
  const known: readonly string[] = PROFILES;
  if (names.every((name) => known.includes(name))) return names;
  throw new InvalidArgumentError(`Allowed choices are ${PROFILES.join(', ')}.`);
}

export const flavourOption = (): Option =>
  new Option('--images <flavour>', 'published images, or images built on this machine').choices([
    'auto',
    'embedded',
    'official',
  ]);

export const waitLockOption = (): Option =>
  new Option('--wait-lock <seconds>', 'wait for another apictl to end').argParser(wholeNumber()).default(0);

/** What is brought up, on Compose and on Swarm alike, and for how long. */
export const withBringUp = (command: Command): Command =>
  command
    .addOption(profileOption())
    .addOption(flavourOption())
    .option('--no-seed', 'leave Kong’s configuration alone')
    .option('--build', 'build all images anew')
    .option('--pull', 'pull published images again')
    .addOption(new Option('--timeout <seconds>', 'for the whole run').argParser(wholeNumber(1)).default(600));

/** A whole number of at least `least`. @throws InvalidArgumentError, to which commander adds the option and the text. */
export const wholeNumber =
  (least = 0) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };

/** What a variable that is not set leaves of an argument. @throws InvalidArgumentError as `wholeNumber` does */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
