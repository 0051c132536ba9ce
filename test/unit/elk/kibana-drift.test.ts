import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { localFiles } from '../../../src/adapters/files.ts';
import { createHttp } from '../../../src/adapters/http.ts';
import { kibanaChecks } from '../../../src/app/doctor/elk.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { Secret } from '../../../src/core/secret.ts';
import { kibanaDrift, storedObjects } from '../../../src/elk/kibana-drift.ts';
import { type FakeKibana, fakeKibana } from '../../fakes/fake-kibana.ts';
import { savedObjectLines } from '../../support/saved-objects.ts';

const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));
const wanted = storedObjects(savedObjectLines.join('\n'));
const role = (await import('../../../elk/elasticsearch/roles/kibana-setup.json', { with: { type: 'json' } }))
  .default;

let kibana: FakeKibana;
beforeEach(async () => {
  kibana = await fakeKibana({ name: 'kibana_setup', password: 'hunter2', role });
  for (const object of wanted) kibana.objects.set(`${object.type} ${object.id}`, structuredClone(object));
});

const drift = (password = 'hunter2') => {
  const access = { url: kibana.url, user: 'kibana_setup', password: new Secret(password) };
  return kibanaDrift(createHttp(), access, wanted);
};

/** Somebody changes an object on its page. */
function change(key: string, edit: (object: (typeof wanted)[number]) => void): void {
  const object = kibana.objects.get(key);
  if (object === undefined) throw new Error(`there is no ${key}`);
  edit(object);
}

describe('the drift of Kibana’s objects', () => {
  it('is nothing after an import, whatever Kibana adds, and whatever else is there', async () => {
    change('index-pattern apictl-all-logs', ({ attributes }) => {
      attributes.addedByKibana = {};
    });
    kibana.objects.set('search own', {
      type: 'search',
      id: 'own',
      attributes: { title: 'own' },
      references: [],
    });
    expect(await drift()).toEqual([]);
  });

  it('is nothing where texts of JSON are only written otherwise', async () => {
    change('dashboard apictl-platform', ({ attributes }) => {
      attributes.panelsJSON = JSON.stringify(JSON.parse(String(attributes.panelsJSON)), null, 2);
    });
    expect(await drift()).toEqual([]);
  });

  it('names what is missing, what is other and where, and what refers to something else', async () => {
    kibana.objects.delete('lens apictl-routes');
    change('search apictl-slow-requests', ({ attributes }) => {
      attributes.kibanaSavedObjectMeta = { searchSourceJSON: '{"query":{"query":"a","language":"kuery"}}' };
    });
    change('dashboard apictl-platform', ({ attributes }) => {
      attributes.panelsJSON = JSON.stringify(JSON.parse(String(attributes.panelsJSON)).slice(1));
    });
    change('lens apictl-latency', ({ references }) => {
      references.push({ name: 'another', type: 'index-pattern', id: 'another' });
    });
    expect(await drift()).toEqual([
      {
        path: 'search apictl-slow-requests',
        what: 'attributes.kibanaSavedObjectMeta.searchSourceJSON.query.query',
      },
      { path: 'lens apictl-latency', what: 'references.another' },
      { path: 'lens apictl-routes', what: 'missing' },
      { path: 'dashboard apictl-platform', what: 'attributes.panelsJSON' },
    ]);
  });

  it('is not told where Kibana does not let in', async () => {
    await expect(drift('wrong')).rejects.toThrow('_export answered 401');
  });
});

describe('the check of doctor', () => {
  const containers = [
    { service: 'kibana', state: 'running' as const, name: 'apictl-kibana-1' },
    { service: 'kibana-setup', state: 'exited' as const, name: 'apictl-kibana-setup-1' },
  ];
  const check = (given = containers) => {
    const files = {
      ...localFiles,
      read: async (path: string) =>
        path === '/project/secrets/values/kibana-setup-password'
          ? Buffer.from('hunter2')
          : localFiles.read(path),
    };
    const ports = { kibana: Number(new URL(kibana.url).port) };
    const project = { root: '/project', config: configSchema.parse({ ports }), dotenv: {} };
    return kibanaChecks({ http: createHttp(), files, packageRoot }, project, given);
  };

  it('finds the objects as the job leaves them', async () => {
    const found = `${wanted.length} objects are as the setup job leaves them`;
    expect(await check()).toEqual([{ name: 'kibana setup', ok: true, found, fix: '' }]);
  });

  it('says what differs and how the job is run again', async () => {
    kibana.objects.delete('dashboard apictl-platform');
    expect(await check()).toEqual([
      {
        name: 'kibana setup',
        ok: false,
        found: 'dashboard apictl-platform: missing',
        fix: 'Run "docker rm apictl-kibana-setup-1" and then "apictl up": the job sets everything up again.',
      },
    ]);
  });

  it('asks nothing where Kibana does not run', async () => {
    expect(await check([])).toEqual([]);
    expect(kibana.requests).toBe(0);
  });
});
