import type { Project } from '../../app/project/project.ts';
import { hostOf } from '../../app/project/urls.ts';
import { DEFAULT_SEED, type SeedOptions } from '../../app/seed/seed.ts';
import { ownProxy } from '../../app/seed/verify.ts';
import { ApictlError, EXIT } from '../../core/errors.ts';
import type { AdminAddress } from '../../kong/admin/client.ts';
import type { ProxyAddress } from '../../kong/verify/verify.ts';
import type { Context } from '../context.ts';

/** The options that `seed` and its commands share, as commander gives them. */
export interface SeedFlags {
  readonly file?: readonly string[];
  readonly adminUrl?: string;
  readonly header?: readonly string[];
  readonly ca?: string;
  readonly prune?: boolean;
  readonly maxDeletes?: number;
  readonly allowMassDelete?: boolean;
  readonly parallelism?: number;
  readonly timeout?: number;
  readonly verify?: boolean;
  readonly proxyUrl?: string;
  readonly proxyTlsUrl?: string;
  readonly dryRun?: boolean;
  readonly exitCode?: boolean;
  readonly waitLock?: number;
}

export async function seedOptions(
  context: Context,
  project: Project,
  flags: SeedFlags,
): Promise<SeedOptions> {
  return {
    ...DEFAULT_SEED,
    files: flags.file ?? [],
    prune: flags.prune !== false,
    maxDeletes: flags.maxDeletes,
    allowMassDelete: flags.allowMassDelete === true,
    waitLockSeconds: flags.waitLock,
    ...(await kongOptions(context, project, flags)),
  };
}

export async function kongOptions(
  context: Context,
  { config }: Project,
  flags: SeedFlags,
): Promise<Pick<SeedOptions, 'admin' | 'parallelism' | 'timeoutMs'>> {
  const url = flags.adminUrl ?? `http://${hostOf(config.bind)}:${config.ports.admin}`;
  return {
    admin: await addressOf(context, url, flags),
    parallelism: flags.parallelism,
    timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
  };
}

/** The doors for `--verify`; asked for before anything is written, because a wrong option must not be found out afterwards. */
export async function proxyOf(
  context: Context,
  project: Project,
  { adminUrl, proxyUrl, proxyTlsUrl, ca }: SeedFlags,
): Promise<ProxyAddress> {
  if (adminUrl === undefined && proxyUrl === undefined && proxyTlsUrl === undefined) {
    return ownProxy(context.world, project);
  }
  if (proxyUrl === undefined && proxyTlsUrl === undefined) {
    throw usage(
      '--verify',
      'with --admin-url needs that Kong’s proxy: --proxy-url, --proxy-tls-url or both',
      'As --proxy-url http://kong.example:8000.',
    );
  }
  return {
    ...(proxyUrl === undefined ? {} : { url: httpUrl('--proxy-url', proxyUrl, 'http') }),
    ...(proxyTlsUrl === undefined ? {} : { tlsUrl: httpUrl('--proxy-tls-url', proxyTlsUrl, 'https') }),
    ca: await authorityOf(context, ca),
  };
}

async function addressOf(
  context: Context,
  url: string,
  { header = [], ca }: SeedFlags,
): Promise<AdminAddress> {
  const headers = header.map((text) => {
    const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
    // The text is not shown: it is likely to hold a token.
    if (name === undefined || value === undefined)
      throw usage('--header', 'is not of the form NAME:VALUE', 'As --header "Kong-Admin-Token:VALUE".');
    return [name, value] as const;
  });
  const authority = await authorityOf(context, ca);
  return {
    url: httpUrl('--admin-url', url),
    headers: Object.fromEntries(headers),
    ...(authority === undefined ? {} : { ca: authority }),
  };
}

async function authorityOf({ world }: Context, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const bytes = await world.files.read(path);
  if (bytes === null) throw usage('--ca', `names no file: ${path}`, 'Give the path of a certificate in PEM.');
  return bytes.toString('utf8');
}

function httpUrl(option: string, text: string, scheme: 'http' | 'https' | '' = ''): string {
  const isRight = URL.canParse(text) && new RegExp(`^${scheme || 'https?'}:`).test(text);
  if (!isRight)
    throw usage(
      option,
      `is no ${scheme || 'http or https'} URL`,
      `As ${option} ${scheme || 'http'}://kong.example:8001; what was given is not shown, because an address may hold a password.`,
    );
  return text.replace(/\/+$/, '');
}

const usage = (option: string, text: string, hint: string) =>
  new ApictlError({
    code: 'OPTION_INVALID',
    exitCode: EXIT.usage,
    message: `${option} ${text}`,
    object: option,
    hint,
  });
