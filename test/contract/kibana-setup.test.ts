import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeKibana, fakeKibana } from '../fakes/fake-kibana.ts';
import { savedObjectLines } from '../support/saved-objects.ts';
import { hasJobTools, type SetupJob, setupJob } from '../support/setup-job.ts';

/** The setup job of Kibana, run as it is against a server that refuses what Kibana refuses. */

const ELK = fileURLToPath(new URL('../../elk', import.meta.url));
const PASSWORD = 'el"as\\tic $HOME `x`';

let kibana: FakeKibana;
let job: SetupJob;

const jobOf = (elk: string, password = PASSWORD): Promise<SetupJob> =>
  setupJob(join(elk, 'kibana/setup.sh'), { 'kibana-setup-password': password }, { KIBANA_URL: kibana.url });

/** What the setup job of Elasticsearch gives the user, with what a test changes of it. */
async function kibanaOf(change: (role: string) => string = (role) => role): Promise<FakeKibana> {
  const role = await readFile(join(ELK, 'elasticsearch/roles/kibana-setup.json'), 'utf8');
  return fakeKibana({ name: 'kibana_setup', password: PASSWORD, role: JSON.parse(change(role)) });
}

/** A copy of the folder whose script or objects a test changes. */
async function editedElk(path: string, edit: (text: string) => string): Promise<string> {
  const copy = join(job.folder, 'elk');
  await cp(ELK, copy, { recursive: true });
  const text = await readFile(join(copy, path), 'utf8');
  await writeFile(join(copy, path), edit(text));
  return copy;
}

describe.skipIf(!hasJobTools)('the setup of Kibana', () => {
  beforeEach(async () => {
    kibana = await kibanaOf();
    job = await jobOf(ELK);
  });

  it('imports every committed object, and says how many', async () => {
    const { exitCode, output } = await job.run();
    expect(output).toBe(`kibana-setup: ${savedObjectLines.length} objects imported\n`);
    expect(exitCode).toBe(0);
    expect([...kibana.objects.values()]).toEqual(savedObjectLines.map((line) => JSON.parse(line)));
  });

  it('leaves the same when it runs again, and brings back what somebody changed', async () => {
    await job.run();
    const first = [...kibana.objects];
    kibana.objects.set('dashboard apictl-platform', {
      type: 'dashboard',
      id: 'apictl-platform',
      attributes: { title: 'changed by hand' },
      references: [],
    });
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect([...kibana.objects]).toEqual(first);
  });

  it('waits while Kibana is not ready yet', async () => {
    kibana.notReadyFor = 2;
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(kibana.requests).toBe(3);
  });

  it('waits until Kibana’s privileges mean something', async () => {
    kibana.forbiddenFor = 2;
    expect(await job.run()).toMatchObject({ exitCode: 0 });
    expect(kibana.requests).toBe(3);
  });

  it.each([
    [
      'a privilege that Kibana does not know',
      'savedObjectsManagement',
      'savedObjectManagement',
      /index-pattern,lens,search/,
    ],
    [
      'a privilege for one type only',
      'savedObjectsManagement',
      'indexPatterns',
      /bulk_create dashboard,lens,search"/,
    ],
    ['another space', 'space:default', 'space:other', /bulk_create dashboard,index-pattern,lens,search/],
    ['another application', 'kibana-.kibana', 'kibana', /bulk_create dashboard,index-pattern,lens,search/],
  ])('needs its role as it is: %s is not enough', async (_what, from, to, answer) => {
    kibana = await kibanaOf((role) => role.replace(from, to));
    const { exitCode, output } = await (await jobOf(ELK)).run({ SETUP_TIMEOUT_SECONDS: '1' });
    expect(exitCode).toBe(1);
    expect(output).toContain('_import?overwrite=true did not succeed in time');
    expect(output).toMatch(answer);
    expect(kibana.objects.size).toBe(0);
  });

  it('gives up at its deadline and says what it last heard', async () => {
    kibana.notReadyFor = Number.POSITIVE_INFINITY;
    const { exitCode, output } = await job.run({ SETUP_TIMEOUT_SECONDS: '1' });
    expect(exitCode).toBe(1);
    expect(output).toContain('did not succeed in time: Kibana server is not ready yet');
  });

  it('ends with the answer when its password is refused', async () => {
    const { exitCode, output } = await (await jobOf(ELK, 'another')).run();
    expect(exitCode).toBe(1);
    expect(output).toContain('_import?overwrite=true answered 401');
    expect(output).toContain('unable to authenticate user [kibana_setup]');
    expect(kibana.objects.size).toBe(0);
  });

  it('ends with the answer when Kibana refuses the request', async () => {
    const elk = await editedElk('kibana/setup.sh', (text) => text.replace("--header 'kbn-xsrf: true' ", ''));
    const { exitCode, output } = await (await jobOf(elk)).run();
    expect(exitCode).toBe(1);
    expect(output).toContain('answered 400');
    expect(output).toContain('Request must contain a kbn-xsrf header.');
  });

  it('fails when an object refers to what is not there, although Kibana answers 200', async () => {
    const elk = await editedElk('kibana/saved-objects/2-searches.ndjson', (text) =>
      text.replaceAll('"id": "apictl-service-logs"', '"id": "apictl-nothing"'),
    );
    const { exitCode, output } = await (await jobOf(elk)).run();
    expect(exitCode).toBe(1);
    expect(output).toContain('kibana-setup: not everything was imported');
    expect(output).toContain('"missing_references"');
  });

  it('shows its password in no argument, and leaves no file behind', async () => {
    const { output } = await job.run();
    expect(output).not.toContain(PASSWORD);
    const argv = await job.argv();
    expect(argv).not.toContain(PASSWORD);
    expect(argv).toContain('kbn-xsrf: true');
    expect(await readdir(join(job.folder, 'temporary'))).toEqual([]);
  });

  it.each([
    ['empty', '', 'the secret kibana-setup-password is missing or empty'],
    ['of several lines', 'a\nb', 'the secret kibana-setup-password contains a control character'],
  ])('asks nothing when its secret is %s', async (_what, value, message) => {
    const { exitCode, output } = await (await jobOf(ELK, value)).run();
    expect(exitCode).toBe(1);
    expect(output).toContain(message);
    expect(kibana.requests).toBe(0);
  });
});
