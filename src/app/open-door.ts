import * as z from 'zod';
import { ApictlError, EXIT } from '../core/errors.ts';
import { nearestWord } from '../core/nearest-word.ts';
import type { Project } from './project/project.ts';
import { stackNotUp } from './project/stack-not-up.ts';
import { doorUrl, stackUrls } from './project/urls.ts';
import type { World } from './world.ts';

/** What `open --json` prints. */
export const openResultSchema = z.object({
  name: z.string(),
  url: z.string(),
  login: z
    .object({
      user: z.string().nullable().describe('Null where a token alone is asked for.'),
      secret: z.string().describe('Its name, for "apictl secrets show".'),
    })
    .nullable(),
  browser: z.boolean().describe('Whether a browser was told to open it.'),
});
export type OpenResult = z.output<typeof openResultSchema>;

/** The doors that ask who is there. */
const LOGINS: Readonly<Record<string, NonNullable<OpenResult['login']>>> = {
  logging: { user: null, secret: 'logging-admin-token' },
  grafana: { user: 'admin', secret: 'grafana-admin-password' },
  kibana: { user: 'elastic', secret: 'elastic-password' },
  elasticsearch: { user: 'elastic', secret: 'elastic-password' },
};

/**
 * Where a service of the running stack is reached and how one gets in; with `inBrowser`, a browser is told to go there.
 * @throws ApictlError STACK_NOT_UP (4), DOOR_UNKNOWN (64)
 */
export async function openDoor(
  world: Pick<World, 'engine' | 'commands' | 'platform' | 'environment' | 'signal'>,
  { config }: Project,
  request: { readonly name: string; readonly inBrowser: boolean },
): Promise<OpenResult> {
  // As its port and its certificate are called in apictl.yaml.
  const name = request.name === 'loggingAdmin' ? 'logging' : request.name;
  const containers = await world.engine.containers(config.project);
  const running = containers.filter(({ state }) => state === 'running').map(({ service }) => service);
  const urls = {
    ...stackUrls(config, running),
    ...(running.includes('kong') ? { adminTls: doorUrl(config, 'adminTls', true) } : {}),
  };
  const url = Object.entries(urls).find(([door]) => door === name)?.[1];
  if (url === undefined)
    throw running.length === 0
      ? stackNotUp(`nothing of project ${config.project} runs`)
      : unknown(name, Object.keys(urls), running.includes(name));
  const argv = request.inBrowser ? browserArgv(world, url) : null;
  // A machine without a browser is no failure: the URL is told.
  const browser =
    argv !== null &&
    (await world.commands.run(argv, { signal: world.signal }).then(
      ({ exitCode }) => exitCode === 0,
      () => false,
    ));
  return { name, url, login: LOGINS[name] ?? null, browser };
}

/** The desktop's own opener; null where there is no desktop. */
function browserArgv(
  { platform, environment }: Pick<World, 'platform' | 'environment'>,
  url: string,
): readonly string[] | null {
  if (platform === 'darwin') return ['open', url];
  const { DISPLAY = '', WAYLAND_DISPLAY = '' } = environment;
  return DISPLAY === '' && WAYLAND_DISPLAY === '' ? null : ['xdg-open', url];
}

function unknown(name: string, known: readonly string[], runs: boolean): ApictlError {
  const nearest = nearestWord(name, known);
  return new ApictlError({
    code: 'DOOR_UNKNOWN',
    exitCode: EXIT.usage,
    message: runs
      ? `${name} runs, but no port of this machine is called so`
      : `nothing that runs is called ${name}`,
    object: name,
    hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}There are: ${known.join(', ')}.`,
  });
}
