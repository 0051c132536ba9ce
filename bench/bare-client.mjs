// bare-client.mjs URL FILE: sends the writes of a file ([[{ method, path, body }]]), group after group, 20 at a time, and nothing else.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Agent, request } from 'undici';

const [url, file] = process.argv.slice(2);
const groups = JSON.parse(readFileSync(file, 'utf8'));
const dispatcher = new Agent();
for (const group of groups) {
  const queue = group.values();
  const worker = async () => {
    for (const { method, path, body } of queue) {
      const answer = await request(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        dispatcher,
      });
      await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}
await dispatcher.close();
