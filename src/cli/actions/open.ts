import { type OpenResult, openDoor } from '../../app/open-door.ts';
import { EXIT } from '../../core/errors.ts';
import { type Context, openProject, printResult } from '../context.ts';

export const openAction = async (context: Context, name: string) => {
  const inBrowser = context.isInteractive && context.globals.json !== true;
  const result = await openDoor(context.world, await openProject(context), { name, inBrowser });
  printResult(context, result, text);
  return EXIT.ok;
};

function text({ url, login }: OpenResult): string {
  if (login === null) return url;
  const who = login.user === null ? 'token' : `login ${login.user}, password`;
  return `${url}\n${who}: apictl secrets show ${login.secret}`;
}
