/** How the image runs the service: whatever is measured outside of it runs with the same flags and variables. */
import { readFile } from 'node:fs/promises';

const DOCKERFILE = new URL('../../../../compose/images/logging/Dockerfile', import.meta.url);

export interface ImageCommand {
  /** Of Node.js itself, before the program. */
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** @throws Error when the Dockerfile starts something else than `node FLAGS /app/main.mjs` */
export async function imageCommand(): Promise<ImageCommand> {
  const text = await readFile(DOCKERFILE, 'utf8');
  const command = JSON.parse(/^CMD (\[.*\])$/m.exec(text)?.[1] ?? '[]') as string[];
  const [program, ...rest] = command;
  if (program !== 'node' || rest.pop() !== '/app/main.mjs')
    throw new Error(`${DOCKERFILE.pathname} does not start the service with Node.js: ${command.join(' ')}`);
  const variables = text.matchAll(/^ENV ([A-Z_]+)=(\S+)$/gm);
  return {
    flags: rest,
    environment: Object.fromEntries([...variables].map(([, name = '', value = '']) => [name, value])),
  };
}
