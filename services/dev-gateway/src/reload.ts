/** How a running gateway is given another login of its database: a file in its folder, and SIGHUP. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { GatewayLog } from './proxy/gateway-log.ts';
import type { PostgresLogin } from './store/postgres.ts';

const pidFile = (prefix: string): string => join(prefix, 'gateway.pid');
const loginFile = (prefix: string): string => join(prefix, 'login.json');

const loginSchema = z.object({ user: z.string(), password: z.string().optional() });

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Takes every reload that is asked for. A login that is refused leaves the gateway with the one that it has. */
export function followReloads(
  prefix: string,
  logInAs: (login: PostgresLogin) => Promise<void>,
  log: GatewayLog,
): void {
  try {
    // One of before is none of this process, whose settings come from its environment.
    rmSync(loginFile(prefix), { force: true });
    writeFileSync(pidFile(prefix), String(process.pid));
  } catch (error) {
    log.warn(`cannot be reloaded: ${reasonOf(error)}`);
    return;
  }
  let last = Promise.resolve();
  let known = '';
  const reload = async (): Promise<void> => {
    try {
      // The signal may be about certificates alone.
      const asked = existsSync(loginFile(prefix)) ? readFileSync(loginFile(prefix), 'utf8') : known;
      if (asked === known) return;
      const { user, password } = loginSchema.parse(JSON.parse(asked));
      await logInAs({ user, password });
      known = asked;
      log.info(`reloaded: connected to PostgreSQL as ${user}`);
    } catch (error) {
      log.error(`not reloaded: ${reasonOf(error)}`);
    }
  };
  // One after the other, each with what the file says at its turn.
  process.on('SIGHUP', () => {
    last = last.then(reload);
  });
}

/** @throws Error where no gateway runs in this folder */
export function requestReload(prefix: string, { user, password }: PostgresLogin): void {
  const pid = Number(readFileSync(pidFile(prefix), 'utf8'));
  const path = loginFile(prefix);
  writeFileSync(`${path}.new`, JSON.stringify({ user, password }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  process.kill(pid, 'SIGHUP');
}
