import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../services/dev-gateway/dist/main.mjs', import.meta.url));

export interface GatewayProcess {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** The built development gateway as a process of its own, empty and in memory, on ports that the system chooses. */
export async function startGatewayProcess(): Promise<GatewayProcess> {
  if (!existsSync(PROGRAM)) throw new Error('the gateway is not built: run "npm run build"');
  const child = spawn(process.execPath, [PROGRAM, 'host'], {
    env: { PATH: process.env.PATH, PROXY_PORT: '0', PROXY_SSL_PORT: '0', ADMIN_PORT: '0', STATUS_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const lines = createInterface(child.stderr);
  const ready = await new Promise<{ admin: string }>((resolve, reject) => {
    lines.on('line', (line) => {
      if (line.includes('is ready')) resolve(JSON.parse(line) as { admin: string });
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with code ${code}`)));
  });
  return {
    adminUrl: `http://127.0.0.1:${ready.admin.split(', ')[0]}`,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
