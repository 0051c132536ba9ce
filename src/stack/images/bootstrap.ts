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
  return { argv: ['sh', '-euc', CLEAN_SCRIPT, 'apictl', ...argv], environment };
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

/** debootstrap knows one mirror, fills a folder and leaves the packing to others. */
function debootstrapArgv({ suite, sources }: BootstrapInput): string[] {
  const mirror = sources.lines.find((line) => line.split(' ')[2] === suite)?.split(' ')[1] ?? '';
  return ['sh', '-euc', DEBOOTSTRAP_SCRIPT, 'debootstrap', suite, mirror, DEBIAN_KEYRING];
}

const DEBOOTSTRAP_SCRIPT = `
root=$TMPDIR/root
debootstrap --variant=minbase --keyring="$3" "$1" "$root" "$2" >&2 || {
  code=$?
  tail -n 20 "$root/debootstrap/debootstrap.log" >&2 || :
  exit "$code"
}
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
tar -C "$root" --numeric-owner --one-file-system -cf - .
`;

/**
 * Runs its arguments with a temporary folder of their own, and takes away what they leave. Both programs, told to stop,
 * leave children that go on writing: so they run as a session, which is ended as a whole before the folder goes. Ctrl-C
 * reaches this shell too; it waits for apictl to pass it on.
 */
const CLEAN_SCRIPT = `
TMPDIR=$(mktemp -d -t apictl-debian.XXXXXX)
export TMPDIR
chmod 0755 "$TMPDIR"
session=
clean() {
  trap '' TERM INT HUP PIPE
  if [ -n "$session" ]; then
    kill -s TERM -- "-$session" 2>/dev/null || :
    tries=0
    while kill -s 0 -- "-$session" 2>/dev/null && [ "$tries" -lt 40 ]; do
      tries=$((tries + 1))
      sleep 0.1
    done
    kill -s KILL -- "-$session" 2>/dev/null || :
    wait "$session" || :
  fi
  while read -r _ target _; do
    case $target in "$TMPDIR"/*) umount -l "$target" || : ;; esac
  done < /proc/mounts
  rm -rf --one-file-system "$TMPDIR"
}
trap clean EXIT
trap 'exit 143' TERM HUP
trap '' INT
setsid "$@" & session=$!
wait "$session"
`;
