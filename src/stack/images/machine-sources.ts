import { ApictlError, EXIT } from '../../core/errors.ts';

/** What the machine knows about getting Debian packages. */
export interface MachineSources {
  /** One-line package sources of the suite, without options; empty where the machine has no Debian mirror. */
  readonly lines: readonly string[];
  /** apt settings that a download elsewhere needs too, as lines of apt.conf. */
  readonly aptSettings: readonly string[];
  /** http_proxy and https_proxy for apt, as apt itself would choose them. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Whether a mirror or proxy answers on the loopback only, so that a container needs the host's network. */
  readonly needsHostNetwork: boolean;
}

/** The format that {@link machineSources} understands, for `apt-get indextargets`. */
export const INDEX_FORMAT = '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)';

/** Settings that say how to reach a mirror and how far to trust its dates; everything else is the machine's own affair. */
const LENT_SETTINGS =
  /^Acquire::(Check-Valid-Until|Check-Date|Max-FutureTime|Retries|ForceIPv[46]|https?::(Timeout|Pipeline-Depth|Verify-Peer|Verify-Host)) "[^"]*";$/;

export interface MachineOutput {
  /** Of `apt-get indextargets --format INDEX_FORMAT "Created-By: Packages"`. */
  readonly indexTargets: string;
  /** Of `apt-config dump`. */
  readonly aptConfig: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The machine's own mirrors, pointed at another suite of Debian; a machine on bookworm has the mirror of trixie too. Pure.
 * @throws ApictlError MIRROR_WITH_CREDENTIALS (5): they would be kept in the image
 */
export function machineSources(suite: string, output: MachineOutput): MachineSources {
  const mirrors = mirrorsOf(suite, output.indexTargets);
  for (const { uri } of mirrors) if (/\/\/[^/]*@/.test(uri)) throw withCredentials();
  const settings = output.aptConfig.split('\n').map((line) => line.trim());
  const proxies = proxiesOf(mirrors[0]?.uri, settings, output.environment);
  return {
    lines: mirrors.map(({ uri, suite: name }) => `deb ${uri} ${name} main`),
    aptSettings: settings.filter((line) => LENT_SETTINGS.test(line)),
    proxies,
    needsHostNetwork: [...mirrors.map(({ uri }) => uri), ...Object.values(proxies)].some(isLoopback),
  };
}

interface Mirror {
  readonly uri: string;
  readonly suite: string;
}

/** `bookworm`, `bookworm-updates` and `bookworm-security` become the same of the wanted suite, each once. */
function mirrorsOf(suite: string, indexTargets: string): Mirror[] {
  const found = new Map<string, Mirror>();
  for (const line of indexTargets.split('\n')) {
    const [origin, codename = '', component, uri = ''] = line.trim().split('|');
    if (origin !== 'Debian' || component !== 'main' || uri === '') continue;
    const kind = /^[a-z]+(-updates|-security)?$/.exec(codename);
    if (kind === null) continue;
    const name = `${suite}${kind[1] ?? ''}`;
    if (!found.has(name)) found.set(name, { uri, suite: name });
  }
  // Updates alone do not make a system.
  return found.has(suite) ? [...found.values()].sort((a, b) => (a.suite < b.suite ? -1 : 1)) : [];
}

function proxiesOf(
  uri: string | undefined,
  settings: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const host = hostOf(uri ?? '');
  const entries = (['http', 'https'] as const).flatMap((scheme) => {
    const own = settingOf(settings, `Acquire::${scheme}::Proxy::${host}`);
    const chosen = own ?? settingOf(settings, `Acquire::${scheme}::Proxy`);
    const variable = `${scheme}_proxy`;
    // apt's own setting wins over the environment, and DIRECT is its word for "no proxy".
    const proxy = chosen ?? environment[variable] ?? environment[variable.toUpperCase()] ?? '';
    return proxy === '' || proxy === 'DIRECT' ? [] : [[variable, proxy]];
  });
  return Object.fromEntries(entries);
}

function settingOf(settings: readonly string[], name: string): string | undefined {
  const prefix = `${name.toLowerCase()} "`;
  const line = settings.find((setting) => setting.toLowerCase().startsWith(prefix));
  return line?.slice(prefix.length).replace(/";$/, '');
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');

export function isLoopback(url: string): boolean {
  const host = hostOf(url);
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}

const withCredentials = () =>
  new ApictlError({
    code: 'MIRROR_WITH_CREDENTIALS',
    exitCode: EXIT.engine,
    message:
      'the machine’s package sources hold a password, which would be kept in the images built from them',
    object: '/etc/apt',
    hint: 'Use a mirror without a password, or load an image debian:trixie-slim into the engine whose sources need none.',
  });
