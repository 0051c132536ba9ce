import { execa } from 'execa';

/** What a webhook receiver was sent. */
export interface Notification {
  readonly authorization: string | undefined;
  readonly body: {
    readonly status: 'firing' | 'resolved';
    readonly alerts: readonly {
      readonly status: string;
      readonly labels: Readonly<Record<string, string>>;
    }[];
  };
}

const SERVER = `require('http').createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += part));
  request.on('end', () => {
    console.log(JSON.stringify({ authorization: request.headers.authorization, body: JSON.parse(body) }));
    response.end();
  });
}).listen(8080)`;

/** A webhook receiver called `receiver` on a stack's network, at port 8080. @param image one that has Node.js */
export async function startReceiver(project: string, image: string) {
  const name = `${project}-receiver`;
  const network = ['--network', `${project}_kong-net`, '--network-alias', 'receiver'];
  await execa('docker', [
    'run',
    '-d',
    '--name',
    name,
    ...network,
    '--entrypoint',
    'node',
    image,
    '-e',
    SERVER,
  ]);
  return {
    notifications: async (): Promise<Notification[]> => {
      const { stdout } = await execa('docker', ['logs', name]);
      return stdout
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Notification);
    },
    remove: () => execa('docker', ['rm', '-f', name]),
  };
}
