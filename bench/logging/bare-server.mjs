// The peer: Node.js and nothing else. Appends each body to one file; bodies that arrive during an fsync share the next.
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';

const [path = '', port = '0'] = process.argv.slice(2);
const handle = await open(path, 'a');
let waiting = [];
let isRunning = false;

async function commit() {
  isRunning = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await handle.appendFile(Buffer.concat(group.flatMap(({ chunks }) => chunks)));
    await handle.datasync();
    for (const { response } of group) response.writeHead(202).end();
  }
  isRunning = false;
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    waiting.push({ chunks, response });
    if (!isRunning) void commit();
  });
});
server.listen(Number(port), '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
