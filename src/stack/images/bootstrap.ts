import type { CommandOptions } from '../../core/ports/commands.ts';
import type { MachineSources } from './machine-sources.ts';

/** The keys that Debian signs its releases with. */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Programs that make a Debian system from a mirror, the faster first. */
export const BOOTSTRAPPERS = ['mmdebstrap', 'debootstrap'] as const;
export type Bootstrapper = (typeof BOOTSTRAPPERS)[number];

export interface BootstrapCall {
  readonly argv: readonly string[];
  readonly environment: NonNullable<CommandOptions['environment']>;
}

export interface BootstrapInput {
  readonly suite: string;
  readonly sources: MachineSources;
  /** Absolute path of the dpkg configuration that leaves documentation and translations out. */
  readonly dpkgConfig: string;
}

/** The command line that writes the smallest system with apt to standard output, as a tar archive. Pure. */
export function bootstrapCall(program: Bootstrapper, input: BootstrapInput): BootstrapCall {
  const environment = { ...input.sources.proxies, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const argv = program === 'mmdebstrap' ? mmdebstrapArgv(input) : debootstrapArgv(input);
  return { argv, environment };
}

function mmdebstrapArgv({ suite, sources, dpkgConfig }: BootstrapInput): string[] {
  const signed = sources.lines.map((line) => line.replace(/^deb /, `deb [signed-by=${DEBIAN_KEYRING}] `));
  return [
    'mmdebstrap',
    '--mode=root',
    '--variant=apt',
    '--format=tar',
    `--dpkgopt=${dpkgConfig}`,
    ...['Acquire::Languages "none"', ...sources.aptSettings].map(
      (setting) => `--aptopt=${setting.replace(/;$/, '')}`,
    ),
    // They served this machine; the image shall not carry them.
    '--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap',
    suite,
    '-',
    ...signed,
  ];
}

/**
 * debootstrap fills a folder and knows one mirror: a shell makes the folder, packs it and takes it away again, also when
 * it is told to stop. Values are arguments of the script, never part of it.
 */
function debootstrapArgv({ suite, sources }: BootstrapInput): string[] {
  const mirror = sources.lines.find((line) => line.split(' ')[2] === suite)?.split(' ')[1] ?? '';
  return ['sh', '-c', DEBOOTSTRAP_SCRIPT, 'debootstrap', suite, mirror, DEBIAN_KEYRING];
}

const DEBOOTSTRAP_SCRIPT = `
set -eu
folder=$(mktemp -d)
child=
clean() {
  [ -z "$child" ] || kill "$child" 2>/dev/null || :
  umount "$folder/root/proc" "$folder/root/sys" 2>/dev/null || :
  rm -rf --one-file-system "$folder"
}
trap clean EXIT
trap 'exit 143' TERM INT HUP
debootstrap --variant=minbase --keyring="$3" "$1" "$folder/root" "$2" >&2 & child=$!
wait "$child" || { code=$?; child=; tail -n 20 "$folder/root/debootstrap/debootstrap.log" >&2 2>/dev/null || :; exit "$code"; }
child=
rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/*
tar -C "$folder/root" --numeric-owner --one-file-system -cf - .
`;
