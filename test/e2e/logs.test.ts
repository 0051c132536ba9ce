import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually, makeProject, type TestProject } from './support/project.ts';

/**
 * Reading logs from a real engine. The containers are ones that only talk, of an image that the stack has anyway, so that
 * every line is known beforehand.
 */

const PROGRAM = fileURLToPath(new URL('../../bin/apictl.js', import.meta.url));
const LINES = 5_000;

/** Says its lines at once, then waits, and says goodbye when it is told to end. */
const TALKER = `
process.on('SIGTERM', () => process.stdout.write(process.env.LIFE + ' bye\\n', () => process.exit(0)));
let said = '';
for (let i = 1; i <= ${LINES}; i += 1) said += process.env.LIFE + ' ' + i + '\\n';
process.stdout.write(said);
setInterval(() => {}, 1000);
`;

let project: TestProject;
let image: string;
const followers: ChildProcess[] = [];

beforeAll(async () => {
  project = await makeProject('logs');
  await project.apictl('images', 'build');
  const { stdout } = await execa('docker', [
    'image',
    'ls',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    'apictl/logging',
  ]);
  image = stdout.split('\n')[0] ?? '';
});

afterEach(async () => {
  for (const follower of followers.splice(0)) follower.kill('SIGINT');
  await compose('down', '--timeout', '0');
});

afterAll(async () => {
  await project?.destroy();
});

const compose = (...words: readonly string[]) =>
  execa('docker', ['compose', '-f', 'talkers.yaml', '-p', project.name, ...words], { cwd: project.root });

/** Writes the containers that talk and brings them up; what is not the same any more is recreated. */
async function up(services: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void> {
  const talkers = Object.entries(services).map(([name, service]) => [
    name,
    { image, user: '1000:1000', network_mode: 'none', entrypoint: ['node', '-e', TALKER], ...service },
  ]);
  await writeFile(
    join(project.root, 'talkers.yaml'),
    // Compose would take a $ of the script for one of its variables.
    stringify({ services: Object.fromEntries(talkers) }).replaceAll('$', '$$$$'),
  );
  await compose('up', '--detach');
}

/** Follows as a user does; gives the texts that have come so far. */
function follow(...words: readonly string[]): () => string[] {
  const child = spawn(process.execPath, [PROGRAM, '--json', 'logs', '--follow', ...words], {
    cwd: project.root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  followers.push(child);
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  return () =>
    written
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).text);
}

const comes = (texts: () => string[], last: string) =>
  eventually(`the line "${last}"`, async () => expect(texts()).toContain(last));

const life = (name: string, ...more: readonly string[]) => [
  ...Array.from({ length: LINES }, (_, index) => `${name} ${index + 1}`),
  ...more.map((word) => `${name} ${word}`),
];

it('follows across a restart and a recreation: every line, once, in its order', async () => {
  await up({ talker: { environment: { LIFE: 'first' } } });
  const texts = follow();
  await comes(texts, `first ${LINES}`);
  await compose('restart', 'talker');
  await eventually('both lives', async () =>
    expect(texts().filter((text) => text === `first ${LINES}`)).toHaveLength(2),
  );
  await up({ talker: { environment: { LIFE: 'second' } } });
  await comes(texts, `second ${LINES}`);
  expect(texts()).toEqual([...life('first', 'bye'), ...life('first', 'bye'), ...life('second')]);
});

it('sees a container that is stopped and removed at once to its last line, and one that comes later from its first', async () => {
  await up({ talker: { environment: { LIFE: 'only' } } });
  const texts = follow();
  await comes(texts, `only ${LINES}`);
  await compose('rm', '--force', '--stop', 'talker');
  await comes(texts, 'only bye');
  await up({ later: { environment: { LIFE: 'later' } } });
  await comes(texts, `later ${LINES}`);
  expect(texts()).toEqual([...life('only', 'bye'), ...life('later')]);
});

it('goes on when the engine rotates the log', async () => {
  const slowly = `
    let i = 0;
    const say = () => {
      for (let n = 0; n < 50; n += 1) process.stdout.write('line ' + ++i + ' ' + 'x'.repeat(80) + '\\n');
      if (i < ${LINES}) setTimeout(say, 20);
    };
    process.on('SIGUSR1', say);
    process.stdout.write('ready\\n');
    setInterval(() => {}, 1000);
  `;
  await up({
    talker: {
      entrypoint: ['node', '-e', slowly],
      logging: { driver: 'json-file', options: { 'max-size': '100k', 'max-file': '3' } },
    },
  });
  const texts = follow();
  await comes(texts, 'ready');
  await compose('kill', '--signal', 'SIGUSR1', 'talker');
  const numbers = () =>
    texts()
      .slice(1)
      .map((text) => Number(text.split(' ')[1]));
  await eventually('the last line', async () => expect(numbers()).toContain(LINES));
  expect(numbers()).toEqual(Array.from({ length: LINES }, (_, index) => index + 1));
});

it('reads what has ended: terminals, both streams, long lines, bytes that are no text', async () => {
  const odd =
    "process.stderr.write('wrong\\n'); process.stdout.write('x'.repeat(40000) + 'end\\n'); process.stdout.write(Buffer.from([0xff, 10]))";
  await up({
    odd: { entrypoint: ['node', '-e', odd] },
    terminal: {
      entrypoint: ['node', '-e', "console.log('y'.repeat(40000) + 'end'); console.log('on a terminal')"],
      tty: true,
    },
  });
  const read = async (service: string) => {
    const { stdout, exitCode } = await project.apictl('--json', 'logs', service);
    expect(exitCode).toBe(0);
    return stdout.split('\n').map((line) => {
      const { stream, text } = JSON.parse(line);
      return `${stream} ${text}`;
    });
  };
  await eventually('all lines', async () => {
    expect((await read('odd')).sort()).toEqual(
      ['stderr wrong', `stdout ${'x'.repeat(40000)}end`, 'stdout \uFFFD'].sort(),
    );
    expect(await read('terminal')).toEqual([`stdout ${'y'.repeat(40000)}end`, 'stdout on a terminal']);
  });
});

it('takes the last lines of all, and lines from a moment on, exactly', async () => {
  await up({ one: { environment: { LIFE: 'one' } }, two: { environment: { LIFE: 'two' } } });
  const all = await eventually('all lines', async () => {
    const { stdout } = await project.apictl('--json', 'logs');
    const lines = stdout.split('\n').map((line) => JSON.parse(line));
    expect(lines).toHaveLength(2 * LINES);
    return lines;
  });
  const times = all.map(({ time }) => time);
  expect(times).toEqual([...times].sort());
  const last = await project.apictl('--json', 'logs', '--tail', '7');
  expect(last.stdout.split('\n').map((line) => JSON.parse(line))).toEqual(all.slice(-7));
  const from = all[LINES].time;
  const rest = await project.apictl('--json', 'logs', '--since', from);
  expect(rest.stdout.split('\n').map((line) => JSON.parse(line))).toEqual(
    all.filter(({ time }) => time >= from),
  );
});

it('ends quietly when its reader has enough', async () => {
  await up({ talker: { environment: { LIFE: 'only' } } });
  await eventually('all lines', async () =>
    expect((await project.apictl('logs', '--tail', '1')).stdout).toContain(`only ${LINES}`),
  );
  const { stdout, stderr } = await execa(
    'bash',
    ['-c', `set -o pipefail; "$0" "$1" logs | head -n 1`, process.execPath, PROGRAM],
    { cwd: project.root },
  );
  expect([stdout.split('\n').length, stderr]).toEqual([1, '']);
});
