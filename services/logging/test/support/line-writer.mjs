// A worker of a gateway: appends numbered lines to a file, each in one write. "each" opens the file for every line by its name,
// as Kong's file-log does with reopen; "hup" keeps it open until SIGHUP, as Kong does without. Ends with SIGTERM. Prints when
// it can be told things, and at the end how many lines it has written.
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const [path, worker, mode] = process.argv.slice(2);
const open = () => openSync(path, 'a', 0o644);
const filler = 'x'.repeat(300);
let file = open();
let isEnding = false;
process.on('SIGTERM', () => {
  isEnding = true;
});
process.on('SIGHUP', () => {
  closeSync(file);
  file = open();
});

process.stdout.write('ready\n');
let n = 0;
for (; !isEnding; n += 1) {
  if (mode === 'each') {
    closeSync(file);
    file = open();
  }
  writeSync(file, `${JSON.stringify({ message: 'line', worker, n, filler })}\n`);
  // Signals are taken between turns.
  if (n % 20 === 19) await delay(1);
}
closeSync(file);
process.stdout.write(String(n));
