// registry-answers.mjs ENGINE_HOST IMAGE
// Exits with 0 when the Docker Engine can find IMAGE at its registry. It asks the engine and pulls
// nothing. An engine that is not reached through a socket of this machine is taken to have what it
// needs: nothing that is installed here would help it.
import { request } from 'node:http';

const ANSWER_WITHIN_MS = 20_000;
const [host = '', image = ''] = process.argv.slice(2);

function answers(socketPath) {
  return new Promise((resolve) => {
    const call = request(
      { socketPath, path: `/distribution/${image}/json`, timeout: ANSWER_WITHIN_MS },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

const found = host.startsWith('unix://') ? await answers(host.slice('unix://'.length)) : true;
process.exit(found ? 0 : 1);
