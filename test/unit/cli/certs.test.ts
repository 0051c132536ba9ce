import { beforeEach, describe, expect, it } from 'vitest';
import { peculiarX509 as x509 } from '../../../src/adapters/x509.ts';
import { healDoors } from '../../../src/app/certs/heal.ts';
import { loadProject } from '../../../src/app/project/project.ts';
import type { World } from '../../../src/app/world.ts';
import {
  authorityKeyPath,
  authorityPath,
  broughtAuthorityPath,
  certificatePath,
  keyPath,
  trustPath,
} from '../../../src/certs/model.ts';
import { type Made, makeCertificate } from '../../fakes/certificate-maker.ts';
import { runCommand } from '../../fakes/command-line.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { fakeDoors } from '../../fakes/fake-doors.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const root = '/srv';
const DAY_MS = 86_400_000;
const CONFIG = 'tls: { hosts: [localhost, api.shop.test] }';

let files: ReturnType<typeof memoryFiles>;
let clock: ReturnType<typeof fakeClock>;
let doors: ReturnType<typeof fakeDoors>;
let world: Omit<Partial<World>, 'emit'>;

beforeEach(() => {
  files = memoryFiles({ '/srv/apictl.yaml': CONFIG });
  clock = fakeClock(Math.floor(Date.now() / 1000) * 1000);
  doors = fakeDoors(files, root);
  world = {
    files,
    x509,
    clock,
    engine: doors.engine,
    handshakes: doors.handshakes,
    lock: { take: async () => ({ fd: 0, release: () => {} }) },
    workingFolder: root,
  };
});

/** The world as a command has it, for what is called without one. */
const runningWorld = () =>
  ({ ...world, emit: () => {}, environment: {}, signal: new AbortController().signal }) as World;

const certs = (...words: readonly string[]) => runCommand(world, 'certs', ...words);
const result = async (...words: readonly string[]) => {
  const { stdout, error } = await runCommand(world, '--json', 'certs', ...words);
  if (error !== undefined) throw error;
  return JSON.parse(stdout);
};
const serialOf = async (name: string): Promise<string> =>
  x509.read((await files.read(certificatePath(root, name)))?.toString('utf8') ?? '').serialNumber;

describe('apictl certs issue', () => {
  it('makes what is missing, and the next time nothing', async () => {
    expect(await result('issue')).toMatchObject({
      issued: [
        { name: 'proxy', why: 'new authority', daysLeft: 397 },
        { name: 'admin', why: 'new authority', daysLeft: 397 },
      ],
      served: [],
    });
    expect(await result('issue')).toMatchObject({ issued: [], kept: ['proxy', 'admin'] });
  });

  it('warns where a new authority takes the place of one that was lost, and not at the first time', async () => {
    const warning = { type: 'warning', text: expect.stringContaining('"apictl certs trust"') };
    expect((await certs('issue')).events).not.toContainEqual(warning);
    expect((await certs('issue')).events).not.toContainEqual(warning);
    for (const path of [authorityPath(root), authorityKeyPath(root)]) await files.remove(path);
    expect((await certs('issue')).events).toContainEqual(warning);
    expect((await certs('issue')).events).not.toContainEqual(warning);
  });

  it('hands it to a gateway that runs, and compares what that shows with the file', async () => {
    await result('issue');
    await doors.open();
    const { issued, served } = await result('issue', 'proxy');
    expect(issued).toMatchObject([{ name: 'proxy', why: 'asked for' }]);
    expect(doors.done).toEqual(['signal id-kong SIGHUP']);
    expect(served).toContainEqual({ name: 'proxy', service: 'kong', serialNumber: issued[0].serialNumber });
    expect(doors.serial(8443)).toBe(await serialOf('proxy'));
  });

  it('knows its certificates', async () => {
    expect((await certs('issue', 'proxi')).error).toMatchObject({
      code: 'UNKNOWN_CERTIFICATE',
      exitCode: 64,
      hint: 'Did you mean proxy?',
    });
  });
});

describe('apictl certs renew', () => {
  it.each([
    ['renew', 'ca'],
    ['issue', 'ca'],
    ['renew', 'proxy', 'ca', '--force'],
  ])('says of the authority what it is and how a new one comes: %s %s', async (...words) => {
    await result('issue');
    const before = await serialOf('proxy');
    expect((await certs(...words)).error).toMatchObject({
      code: 'CERTIFICATE_IS_AUTHORITY',
      exitCode: 64,
      message: expect.stringContaining('ca is the local authority'),
      hint: expect.stringMatching(/remove the folder secrets\/certs, say "apictl up".*"apictl certs trust"/),
    });
    expect(await serialOf('proxy')).toBe(before);
  });

  it('renews what is near its end, and with --force also what is not', async () => {
    await result('issue');
    expect(await result('renew')).toMatchObject({ issued: [] });
    expect(await result('renew', 'admin', '--force')).toMatchObject({
      issued: [{ name: 'admin' }],
      kept: [],
    });
    clock.advance(368 * DAY_MS);
    expect(await result('renew', 'proxy')).toMatchObject({
      issued: [{ name: 'proxy', why: 'has 29 days left' }],
    });
  });

  it('that a gateway does not take is told with what it shows, and both ways out', async () => {
    await result('issue');
    await doors.open();
    const old = await serialOf('proxy');
    doors.deafen();
    const { error } = await certs('renew', 'proxy', '--force');
    expect(error).toMatchObject({
      code: 'CERTIFICATE_NOT_SERVED',
      exitCode: 3,
      message: `the files of proxy are in place, but kong at 127.0.0.1:8443 shows serial ${old}, the file has ${await serialOf('proxy')}`,
      hint: expect.stringContaining('"apictl up"'),
    });
  });

  it('of a service that reads its files at its start only waits for the next up', async () => {
    await result('issue');
    await doors.open();
    doors.forgetReload();
    const { stdout } = await certs('renew', 'proxy', '--force');
    expect(stdout).toContain('shown from the next "apictl up" on');
    expect(doors.done).toEqual([]);
  });

  it('of one is not taken while the file of another is no certificate; the renewal of all helps', async () => {
    await result('issue');
    await doors.open();
    await files.write(certificatePath(root, 'proxy'), 'junk');
    expect((await certs('renew', 'admin', '--force')).error).toMatchObject({
      code: 'CERTIFICATE_NOT_SERVED',
      object: 'certificate admin',
    });
    const { issued, served } = await result('renew');
    expect(issued).toMatchObject([{ name: 'proxy', why: 'is not a readable certificate' }]);
    expect(served).toMatchObject([{ name: 'proxy' }, { name: 'admin' }]);
  });

  it('that was killed before the gateway was told is finished by the last step of up', async () => {
    await result('issue');
    await doors.open();
    const running = runningWorld();
    const project = await loadProject(running, {}, {});
    await healDoors(running, project, await running.engine.containers(project.config.project));
    expect(doors.done).toEqual([]);
    // As if the process had ended between the swap and the signal.
    await result('renew', 'proxy', '--force').then(() => doors.done.splice(0));
    await files.write(
      certificatePath(root, 'proxy'),
      (await files.read(certificatePath(root, 'admin'))) ?? '',
    );
    await healDoors(running, project, await running.engine.containers(project.config.project));
    expect(doors.done).toEqual(['signal id-kong SIGHUP']);
    expect(doors.serial(8443)).toBe(await serialOf('proxy'));
  });

  it('that a gateway does not hear of makes up restart it', async () => {
    await result('issue');
    await doors.open();
    doors.deafen();
    await certs('renew', 'proxy', '--force');
    doors.done.splice(0);
    const warnings: unknown[] = [];
    const running = {
      ...world,
      emit: (event: unknown) => void warnings.push(event),
      environment: {},
      signal: new AbortController().signal,
    } as World;
    await healDoors(running, await loadProject(running, {}, {}), await running.engine.containers('apictl'));
    expect(doors.done).toEqual(['signal id-kong SIGHUP', 'stop id-kong', 'start id-kong']);
    expect(warnings).toContainEqual({
      type: 'warning',
      text: 'kong goes on with an old certificate and is restarted',
    });
  });
});

describe('apictl certs check', () => {
  it('finds nothing where all is well', async () => {
    await result('issue');
    await doors.open();
    const { exitCode, stdout } = await certs('check');
    expect(stdout).toContain('proxy: is fit, 397 days left');
    expect(exitCode).toBe(0);
  });

  it('exits with 2 and says what is wrong, with its code and what helps', async () => {
    await result('issue');
    await doors.open();
    clock.advance(368 * DAY_MS);
    await files.write(keyPath(root, 'admin'), 'not a key');
    const { exitCode, stdout } = await runCommand(world, '--json', 'certs', 'check');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      certificates: [
        { name: 'ca', findings: [] },
        {
          name: 'proxy',
          findings: [{ code: 'near-end', fix: expect.stringContaining('certs renew proxy') }],
        },
        { name: 'admin', findings: [{ code: 'key-unreadable' }, { code: 'near-end' }] },
      ],
    });
  });

  it('finds a door that shows another certificate than its file', async () => {
    await result('issue');
    await doors.open();
    doors.deafen();
    await certs('renew', 'proxy', '--force');
    expect((await result('check')).certificates[1].findings).toMatchObject([
      { code: 'not-served', fix: 'Run "apictl up", which hands it over.' },
    ]);
  });

  it.each(['junk', ''])(
    'finds a file that is no certificate (%j) behind a door that stands open',
    async (text) => {
      await result('issue');
      await doors.open();
      await files.write(certificatePath(root, 'proxy'), text);
      const { exitCode, stdout } = await certs('check');
      expect(exitCode).toBe(2);
      expect(stdout).toContain('proxy: is not a readable certificate');
    },
  );

  it('before the first up says that they are missing', async () => {
    const { exitCode, stdout } = await certs('check');
    expect(exitCode).toBe(2);
    expect(stdout).toContain('ca: is missing');
  });
});

describe('apictl certs import', () => {
  let authority: Made;
  let between: Made;

  beforeEach(async () => {
    authority = await makeCertificate({ subject: 'company', isAuthority: true });
    between = await makeCertificate({ subject: 'department', isAuthority: true, issuer: authority });
    await result('issue');
  });

  async function give(made: Made, chain = ''): Promise<string[]> {
    await files.write('/srv/own.crt', made.cert);
    await files.write('/srv/own.key', made.key);
    await files.write('/srv/chain.pem', chain);
    const paths = ['--cert', 'own.crt', '--key', 'own.key'];
    return ['import', 'proxy', ...paths, ...(chain === '' ? [] : ['--chain', 'chain.pem'])];
  }

  const own = (hosts = ['api.shop.test'], notAfter = new Date(clock.now() + 90 * DAY_MS)) =>
    makeCertificate({ subject: 'own', issuer: between, hosts, notAfter });

  it('puts it at the door with its chain in order, and trusts the authority that came along', async () => {
    await doors.open();
    const made = await own();
    const imported = await result(...(await give(made, `${authority.cert}${between.cert}`)));
    expect(imported).toMatchObject({ name: 'proxy', authority: 'company', hosts: ['api.shop.test'] });
    expect(imported.served).toContainEqual(expect.objectContaining({ name: 'proxy' }));
    expect((await files.read(certificatePath(root, 'proxy')))?.toString()).toBe(
      `${made.cert.trim()}\n${between.cert.trim()}\n`,
    );
    expect((await files.read(trustPath(root)))?.toString()).toContain(authority.cert.trim());
    expect((await result('check')).certificates[1]).toMatchObject({ origin: 'imported', findings: [] });
  });

  it('refuses what is not fit, with every fault, before anything is written', async () => {
    const before = await serialOf('proxy');
    const unfit = await own(['www.shop.test'], new Date(clock.now() - DAY_MS / 2));
    const { error } = await certs(...(await give({ ...unfit, key: authority.key })));
    expect(error).toMatchObject({
      code: 'CERTIFICATE_UNFIT',
      exitCode: 7,
      details: [
        'key-mismatch: has a key that does not match it',
        expect.stringMatching(/^expired: /),
        'chain-missing: does not lead to an authority: the certificate of "department" is missing',
        'wrong-host: is not valid for api.shop.test',
      ],
    });
    expect(await serialOf('proxy')).toBe(before);
    expect(await files.read(broughtAuthorityPath(root, 'proxy'))).toBeNull();
  });

  it('refuses a file that is no certificate, and one that is not there', async () => {
    const words = await give({ ...(await own()), cert: 'nothing' });
    expect((await certs(...words)).error).toMatchObject({
      message: 'the certificate in own.crt, with the key in own.key, is not a readable certificate',
      hint: expect.stringMatching(/^Nothing was written: the door proxy .* Give a pair/),
    });
    expect((await certs(...words, '--chain', 'nowhere.pem')).error).toMatchObject({
      code: 'FILE_MISSING',
      object: 'nowhere.pem',
    });
  });

  it('takes one that is its own authority', async () => {
    const made = await makeCertificate({ subject: 'alone', hosts: ['api.shop.test'], isAuthority: true });
    expect(await result(...(await give(made)))).toMatchObject({ authority: 'alone' });
  });

  it('leaves it alone when it comes near its end, warns, and gives way to issue', async () => {
    const made = await own();
    await certs(...(await give(made, `${between.cert}${authority.cert}`)));
    const { serialNumber } = x509.read(made.cert);
    clock.advance(80 * DAY_MS);
    const { events } = await certs('renew');
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringMatching(
        /^the imported certificate proxy has (9|10) days left\. Import its successor/,
      ),
    });
    expect((await certs('renew', '--force')).exitCode).toBe(0);
    expect(await serialOf('proxy')).toBe(serialNumber);
    expect((await certs('renew', 'proxy')).error).toMatchObject({
      code: 'CERTIFICATE_IMPORTED',
      exitCode: 64,
    });
    expect(await result('issue', 'proxy')).toMatchObject({ issued: [{ name: 'proxy' }] });
    expect(await serialOf('proxy')).not.toBe(serialNumber);
    expect((await files.read(trustPath(root)))?.toString()).not.toContain(authority.cert.trim());
  });

  it('whose file is no certificate any more is told of, and the gateway is left as it runs', async () => {
    await certs(...(await give(await own(), `${between.cert}${authority.cert}`)));
    await doors.open();
    await files.write(certificatePath(root, 'proxy'), 'junk');
    const { exitCode, events } = await certs('issue');
    expect(exitCode).toBe(0);
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringMatching(/^the imported certificate proxy is not a readable certificate\. /),
    });
    const running = runningWorld();
    await healDoors(running, await loadProject(running, {}, {}), await running.engine.containers('apictl'));
    expect(doors.done).toEqual([]);
  });

  it('takes one near its end with a warning', async () => {
    const made = await own(['api.shop.test'], new Date(clock.now() + 5 * DAY_MS));
    const { exitCode, events } = await certs(...(await give(made, `${between.cert}${authority.cert}`)));
    expect(exitCode).toBe(0);
    expect(events).toContainEqual({
      type: 'warning',
      text: expect.stringMatching(/^the certificate has [45] days left/),
    });
  });
});
