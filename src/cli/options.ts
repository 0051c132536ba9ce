import { Option } from 'commander';
import { PROFILES } from '../config/schema.ts';

/** `--profile core,monitoring` or given several times. */
export const profileOption = (): Option =>
  new Option('--profile <names>', `profiles: ${PROFILES.join(', ')}`).argParser(
    (text: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), ...text.split(',')],
  );

export const flavourOption = (): Option =>
  new Option('--images <flavour>', 'published images, or images built on this machine').choices([
    'auto',
    'embedded',
    'official',
  ]);
