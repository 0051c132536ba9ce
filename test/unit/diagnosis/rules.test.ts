import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/diagnosis/diagnose.ts';
import { troubleshootingMarkdown } from '../../../src/diagnosis/docs.ts';
import type { FailureFacts } from '../../../src/diagnosis/model.ts';
import { RULES } from '../../../src/diagnosis/rules.ts';
import { details } from '../../fakes/containers.ts';
import { fixture, fixtureNames } from './fixtures.ts';

/** Failure -> the rule that knows it and what follows the service's name in the report. */
const KNOWN: Readonly<Record<string, readonly [rule: string, cause: string]>> = {
  'documented/address-pool': [
    'network-trouble',
    'could not get a network: the engine has no addresses left for another one',
  ],
  'documented/bind-source-missing': [
    'bad-mount',
    'could not be started: /srv/apictl/prometheus.yml, which it mounts, does not exist',
  ],
  'documented/elasticsearch-data-permission': [
    'volume-permission',
    'has no permission on /usr/share/elasticsearch/data/node.lock',
  ],
  'documented/elasticsearch-descriptors': [
    'bootstrap-check',
    'refuses to start: max file descriptors [4096] for elasticsearch process is too low, increase to at least [65535]',
  ],
  'documented/elasticsearch-discovery': [
    'bootstrap-check',
    'refuses to start: the default discovery settings are unsuitable for production use; at least one of [discovery.seed_hosts, discovery.seed_providers, cluster.initial_master_nodes] must be configured',
  ],
  'documented/elasticsearch-downgrade': [
    'newer-data',
    'cannot read data that a newer version of it has written: java.lang.IllegalStateException: cannot downgrade a node from version [8.19.20] to version [8.18.0]',
  ],
  'documented/elasticsearch-heap': [
    'jvm-heap',
    'has a Java heap that does not fit into its memory: Could not reserve enough space for 33554432KB object heap',
  ],
  'documented/elasticsearch-map-count': [
    'map-count',
    'refuses to start: vm.max_map_count is 65530 and must be 262144 or more',
  ],
  'documented/elasticsearch-node-lock': [
    'data-in-use',
    'cannot have its data directory to itself: java.lang.IllegalStateException: failed to obtain node locks, tried [/usr/share/elasticsearch/data]; maybe these locations are not writable or multiple nodes were started on the same data path?',
  ],
  'documented/elasticsearch-out-of-heap': ['jvm-heap', 'used up its Java heap (java.lang.OutOfMemoryError)'],
  'documented/image-missing': ['missing-image', 'needs the image kong:3.8.0, which is not there'],
  'documented/kibana-config': [
    'configuration-error',
    'found an error in its configuration: [config validation of [server].port]: expected value of type [number] but got [string]',
  ],
  'documented/kibana-password': [
    'elastic-password',
    'was refused by Elasticsearch as user kibana_system: its password is not the one that is set there',
  ],
  'documented/kibana-waits': [
    'connection-refused',
    'gets no answer from 172.18.0.5:9200: [ERROR][elasticsearch-service] Unable to retrieve version information from Elasticsearch nodes. connect ECONNREFUSED 172.18.0.5:9200',
  ],
  'documented/kong-certificate': [
    'certificate-unusable',
    'cannot use a certificate or its key: nginx: [emerg] cannot load certificate "/etc/apictl/certs/proxy/tls.crt": BIO_new_file() failed (SSL: error:8000000D:system library::Permission denied)',
  ],
  'documented/kong-database-refuses': [
    'connection-refused',
    'gets no answer: Error: [PostgreSQL error] failed to retrieve server_version_num: connection refused',
  ],
  'documented/kong-migrations-missing': [
    'migrations-missing',
    "found the database without the tables that it needs: To start a new installation from scratch, run 'kong migrations bootstrap'.",
  ],
  'documented/kong-new-migrations': [
    'migrations-missing',
    "found the database without the tables that it needs: Error: /usr/local/share/lua/5.1/kong/cmd/utils/migrations.lua:20: New migrations available; run 'kong migrations up' to proceed",
  ],
  'documented/kong-nginx': [
    'configuration-error',
    'found an error in its configuration in /var/run/kong/nginx-kong.conf, line 112: unknown directive "proxy_buffer"',
  ],
  'documented/logstash-pipeline': [
    'configuration-error',
    'found an error in its configuration in the pipeline, line 15: Expected one of #, input, filter, output at line 15, column 1 (byte 176) after',
  ],
  'documented/network-removed': ['network-trouble', 'has lost its network: 5f3c is not there any more'],
  'recorded/alertmanager-config': [
    'configuration-error',
    'found an error in its configuration in /etc/alertmanager/alertmanager.yml (/scratch/alertmanager.yml): undefined receiver "logging" used in route',
  ],
  'recorded/blackbox-config': [
    'configuration-error',
    'found an error in its configuration: field probber not found in type config.plain',
  ],
  'recorded/certificate-invalid': [
    'certificate-unusable',
    'cannot use a certificate or its key: error:0480006C:PEM routines::no start line',
  ],
  'recorded/certificate-unreadable': [
    'certificate-unusable',
    "cannot use a certificate or its key: Error: EACCES: permission denied, open '/etc/apictl/certs/proxy/tls.key'",
  ],
  'recorded/check-command-missing': [
    'check-cannot-run',
    'has a health check that cannot run: /bin/sh: 1: curll: not found',
  ],
  'recorded/check-says-no': ['not-healthy', 'is not healthy: database: down'],
  'recorded/check-too-slow': [
    'check-too-slow',
    'has a health check that gets no answer in time: Health check exceeded timeout (1s)',
  ],
  'recorded/connection-refused': [
    'connection-refused',
    'gets no answer from postgres: psql: error: connection to server at "postgres" (127.0.0.1), port 5432 failed: Connection refused',
  ],
  'recorded/crash-loop': [
    'crash-loop',
    'ended with exit code 3 after each of its starts; the engine restarted it 3 times; its last words: cannot read the model',
  ],
  'recorded/database-missing': [
    'database-missing',
    'asks PostgreSQL for database "konk", which does not exist there',
  ],
  'recorded/directory-over-file': [
    'bad-mount',
    'could not be started: of /scratch and /etc/debian_version, which it is mounted on, one is a folder and the other a file',
  ],
  'recorded/disk-full': [
    'disk-full',
    "ran out of disk space: dd: error writing '/data/x': No space left on device",
  ],
  'recorded/disk-full-node': [
    'disk-full',
    'ran out of disk space: Error: ENOSPC: no space left on device, write',
  ],
  'recorded/disk-full-postgres': [
    'disk-full',
    'ran out of disk space: 2026-11-26 08:24:14.597 UTC [25] FATAL:  could not write to file "pg_wal/xlogtemp.25": No space left on device',
  ],
  'recorded/django-secret-unreadable': [
    'secret-unusable',
    'cannot use the secret django-secret-key: backend cannot start: DJANGO_SECRET_KEY_FILE names /run/secrets/django-secret-key, which cannot be read: Permission denied',
  ],
  'recorded/entrypoint-directory-missing': [
    'command-not-found',
    'has the command /opt/app/start, which was not found in the image (exit code 127)',
  ],
  'recorded/entrypoint-missing': [
    'command-not-found',
    'has the command gunicorm, which was not found in the image (exit code 127)',
  ],
  'recorded/entrypoint-not-executable': [
    'command-not-executable',
    'has a command that cannot be executed (exit code 126): /etc/debian_version',
  ],
  'recorded/exit-0': [
    'ended',
    'ended by itself with exit code 0, although it should go on running; its last words: all done',
  ],
  'recorded/exit-1': ['ended', 'ended with exit code 1; its last words: ValueError: no such thing'],
  'recorded/exit-126': [
    'command-not-executable',
    'has a command that cannot be executed (exit code 126): /etc/hostname',
  ],
  'recorded/exit-127': [
    'command-not-found',
    'has the command gunicorm, which was not found in the image (exit code 127)',
  ],
  'recorded/file-over-directory': [
    'bad-mount',
    'could not be started: of /scratch/some.yml and /etc/apt, which it is mounted on, one is a folder and the other a file',
  ],
  'recorded/flapping': [
    'crash-loop',
    'ended with exit code 1 after each of its starts; the engine restarted it 2 times',
  ],
  'recorded/gateway-without-database': [
    'connection-refused',
    'gets no answer from PostgreSQL: PostgreSQL did not answer within 60 s; check its address and the password',
  ],
  'recorded/killed': ['ended', 'was killed from outside (signal 9, exit code 137)'],
  'recorded/kong-config': [
    'configuration-error',
    'found an error in its configuration: KONG_PROXY_LISTEN: listen address "nowhere" is not HOST:PORT with a port up to 65535',
  ],
  'recorded/migrations-missing': [
    'migrations-missing',
    'found the database without the tables that it needs: the database has no tables of the gateway yet; run "migrations bootstrap" first',
  ],
  'recorded/name-not-found': ['name-not-found', 'cannot find the name postgres on its network'],
  'recorded/name-not-found-node': ['name-not-found', 'cannot find the name elasticsearch on its network'],
  'recorded/name-not-found-python': [
    'name-not-found',
    'cannot find the name of another service on its network',
  ],
  'recorded/node-heap': ['node-heap', 'used up its heap (JavaScript heap out of memory)'],
  'recorded/nothing-listens': [
    'not-healthy',
    'is not healthy: /bin/sh: 1: cannot create /dev/tcp/127.0.0.1/8000: Directory nonexistent',
  ],
  'recorded/other-postgres-major': [
    'other-postgres-major',
    'is PostgreSQL 17 on a data directory of PostgreSQL 13, which it cannot read',
  ],
  'recorded/other-postgres-major-server': [
    'other-postgres-major',
    'is PostgreSQL 17 on a data directory of PostgreSQL 13, which it cannot read',
  ],
  'recorded/out-of-memory': [
    'out-of-memory',
    'was ended by the kernel because it needed more than its 32 MiB of memory (OOM, exit code 137)',
  ],
  'recorded/password-refused': [
    'connection-refused',
    'gets no answer from PostgreSQL: PostgreSQL did not answer within 60 s; check its address and the password',
  ],
  'recorded/password-refused-psql': [
    'database-password',
    'was refused by PostgreSQL as user kong: the password in secrets/values/postgres-password is not the one that its data was created with',
  ],
  'recorded/port-held-by-container': [
    'port-taken',
    'could not be started: port 18765 at 127.0.0.1 is held by somebody else',
  ],
  'recorded/port-held-by-process': [
    'port-taken',
    'could not be started: port 18766 at 127.0.0.1 is held by somebody else',
  ],
  'recorded/port-taken-inside': ['port-taken-inside', 'wants port 8081 of its own container twice'],
  'recorded/postgres-data-in-use': [
    'data-in-use',
    'cannot have its data directory to itself: 2026-11-26 08:24:20.033 UTC [19] FATAL:  lock file "postmaster.pid" already exists',
  ],
  'recorded/process-limit': ['process-limit', 'reached its limit of processes and threads'],
  'recorded/prometheus-config': [
    'configuration-error',
    'found an error in its configuration in /etc/prometheus/prometheus.yml, line 3 (/scratch/prometheus/prometheus.yml): field scrape_intervall not found in type config.plain',
  ],
  'recorded/prometheus-config-missing': [
    'configuration-error',
    'found an error in its configuration in /etc/prometheus/absent.yml: open /etc/prometheus/absent.yml: no such file or directory',
  ],
  'recorded/prometheus-rules': [
    'configuration-error',
    'found an error in its configuration in /etc/prometheus/rules.yml, line 5 (/scratch/prometheus-rules/rules.yml): group "gateway", rule 1, "Down": could not parse expression: 1:6: parse error: unexpected end of input',
  ],
  'recorded/python-import': ['missing-module', 'imports shop, which is not in its image'],
  'recorded/read-only': [
    'read-only',
    'wants to write /usr/local/kong.env, and its root file system is read-only',
  ],
  'recorded/relation-missing': [
    'migrations-missing',
    'found the database without the tables that it needs: ERROR:  relation "services" does not exist',
  ],
  'recorded/secret-empty': [
    'secret-unusable',
    'cannot use the secret postgres-password: the secret postgres-password is missing or empty',
  ],
  'recorded/secret-missing': [
    'secret-unusable',
    'cannot use the secret postgres-password: postgres-entrypoint: the password file /run/secrets/postgres-password is missing or not readable for uid 70.',
  ],
  'recorded/secret-unreadable': [
    'secret-unusable',
    'cannot use the secret postgres-password: postgres-entrypoint: the password file /run/secrets/postgres-password is missing or not readable for uid 70.',
  ],
  'recorded/segmentation-fault': [
    'ended',
    'crashed with a segmentation fault (signal 11, exit code 139); its last words: Segmentation fault',
  ],
  'recorded/terminated': ['ended', 'was stopped from outside (signal 15, exit code 143)'],
  'recorded/too-many-connections': [
    'too-many-connections',
    'got no connection: PostgreSQL has as many as it allows',
  ],
  'recorded/volume-not-writable': [
    'volume-permission',
    'has no permission on /data/prometheus/queries.active (volume diagnosis-recording-volume)',
  ],
  'recorded/volume-not-writable-node': [
    'volume-permission',
    'has no permission on /var/lib/logging/segments (volume diagnosis-recording-volume)',
  ],
  'recorded/volume-not-writable-postgres': [
    'volume-permission',
    'has no permission on /var/lib/postgresql/data',
  ],
  'recorded/volume-not-writable-python': [
    'volume-permission',
    'has no permission on /var/log/services/a.log (volume diagnosis-recording-volume)',
  ],
  'recorded/wrong-architecture': [
    'wrong-architecture',
    'has a program that is made for another kind of processor, or is a script without a "#!" line (exec format error)',
  ],
};

describe('a failure of a service', () => {
  it('has a line here for each that is kept', () => {
    expect(fixtureNames().sort()).toEqual(Object.keys(KNOWN).sort());
  });

  it.each(Object.entries(KNOWN))('%s is recognised', (name, [rule, cause]) => {
    expect(diagnose(fixture(name))).toMatchObject({ rule, cause });
  });

  it.each(fixtureNames())('%s comes with something to do', (name) => {
    expect(diagnose(fixture(name)).hint).toMatch(/\.$/);
  });
});

const facts = (given: Partial<FailureFacts>): FailureFacts => ({
  service: 'kong',
  ending: 'deadline',
  details: details(),
  exitCode: null,
  refusal: '',
  log: [],
  upstreamLog: [],
  checks: [],
  listening: null,
  room: [],
  ...given,
});
const line = (text: string, timestamp = '') => ({
  service: 'kong',
  container: 'id',
  stream: 'stderr' as const,
  timestamp,
  text,
});

describe('a diagnosis', () => {
  it('looks at the words of the last life only', () => {
    const log = [
      line('write: no space left on device', '2026-01-01T10:00:00.000000000Z'),
      line('dial tcp 10.0.0.1:5432: connect: connection refused', '2026-01-01T11:00:05.000000000Z'),
    ];
    const startedMs = Date.parse('2026-01-01T11:00:00Z');
    expect(diagnose(facts({ log, details: details({ startedMs }) })).rule).toBe('connection-refused');
  });

  it('hears in PostgreSQL’s own log that it refused a client that keeps it to itself', () => {
    const found = diagnose(
      facts({ upstreamLog: [line('FATAL:  password authentication failed for user "kong"')] }),
    );
    expect(found).toMatchObject({ rule: 'database-password', weight: 'certain' });
  });

  it('says which port nobody listens on, and which is listened on instead', () => {
    const found = diagnose(facts({ listening: [9000], details: details({ containerPorts: [8000] }) }));
    expect(found.cause).toBe('runs and does not listen on port 8000 (only on 9000)');
  });

  it('says that a service that runs was restarted before it was healthy', () => {
    expect(diagnose(facts({ details: details({ restarts: 3 }) })).cause).toBe(
      'was restarted by the engine 3 times and is still not healthy',
    );
  });

  it.each([
    ['unless-stopped', 0],
    ['unless-stopped', 137],
    ['always', 143],
  ])(
    'knows that what restarts %s and lies there with exit code %i was stopped',
    (restartPolicy, exitCode) => {
      const log = [line('Shutting down: Master'), line('connect: connection refused')];
      const stopped = details({ state: 'exited', restartPolicy, exitCode, restarts: 2 });
      expect(diagnose(facts({ ending: 'ended', details: stopped, exitCode, log }))).toMatchObject({
        rule: 'stopped',
        cause: 'was stopped from outside (docker stop) and not started again',
        hint: 'Start it again with "apictl up kong".',
      });
    },
  );

  it.each([
    ['that nobody restarts', { restartPolicy: 'no' }, 'ended'],
    ['that ran out of memory', { exitCode: 137, oomKilled: true }, 'out-of-memory'],
    ['that is between two of its lives', { state: 'restarting' as const }, 'ended'],
    ['that failed', { exitCode: 3 }, 'ended'],
  ])('does not take for stopped a container %s', (_what, given, rule) => {
    const exited = details({ state: 'exited', restartPolicy: 'unless-stopped', exitCode: 0, ...given });
    expect(diagnose(facts({ ending: 'ended', details: exited, exitCode: exited.exitCode })).rule).toBe(rule);
  });

  it('says of Elasticsearch’s exit code 78 what it means most often, where its words have scrolled by', () => {
    const given = {
      ending: 'ended',
      exitCode: 78,
      details: details({ state: 'exited', exitCode: 78 }),
    } as const;
    expect(diagnose(facts({ ...given, service: 'elasticsearch' }))).toMatchObject({
      cause: 'found its configuration wrong (exit code 78)',
      hint: expect.stringContaining('vm.max_map_count'),
    });
    expect(diagnose(facts(given)).hint).not.toContain('vm.max_map_count');
  });

  describe('of a full volume', () => {
    const MIB = 1024 ** 2;
    const mount = (source: string, destination: string) => ({
      type: 'volume',
      source,
      destination,
      readOnly: false,
    });
    const data = mount('shop_data', '/var/lib/data');
    const logs = mount('shop_logs', '/var/log/services');
    const dataFull = { destination: '/var/lib/data', freeBytes: 0, totalBytes: 64 * MIB };
    const logsFree = { destination: '/var/log/services', freeBytes: 50 * MIB, totalBytes: 64 * MIB };
    const causeOf = (text: string, mounts = [data, logs], room: FailureFacts['room'] = []) =>
      diagnose(facts({ log: [line(text)], room, details: details({ mounts }) })).cause;

    it.each([
      [
        'by the path in its words',
        "dd: error writing '/var/log/services/x': No space left on device",
        [data, logs],
        [],
        'volume shop_logs',
      ],
      [
        'with what is left of it',
        'write /var/lib/data/wal/1: no space left on device',
        [data, logs],
        [dataFull, logsFree],
        'volume shop_data, 0 B of 64 MiB left',
      ],
      [
        'as the one that is full, where no path is said',
        'Error: ENOSPC: no space left on device, write',
        [data, logs],
        [dataFull, logsFree],
        'volume shop_data, 0 B of 64 MiB left',
      ],
      [
        'as the only one, of PostgreSQL',
        'FATAL:  could not write to file "pg_wal/xlogtemp.25": No space left on device',
        [data],
        [],
        'volume shop_data',
      ],
    ])('names it %s', (_how, text, mounts, room, said) => {
      expect(causeOf(text, mounts, room)).toBe(`ran out of disk space (${said}): ${text}`);
      const { hint } = diagnose(facts({ log: [line(text)], room, details: details({ mounts }) }));
      expect(hint).toContain(`"docker volume inspect ${said.split(/[ ,]/)[1]}"`);
    });

    it.each([
      ['the path lies elsewhere', "dd: error writing '/tmp/x': No space left on device", [dataFull]],
      [
        'several are full',
        'Error: ENOSPC: no space left on device, write',
        [dataFull, { ...dataFull, destination: '/var/log/services' }],
      ],
      ['nobody could look', 'Error: ENOSPC: no space left on device, write', []],
      ['PostgreSQL may mean either', 'could not extend file "base/5/1259": No space left on device', []],
    ])('names none where %s', (_why, text, room) => {
      expect(causeOf(text, [data, logs], room)).toBe(`ran out of disk space: ${text}`);
    });
  });

  it('names the file of the host behind a file of the container', () => {
    const found = diagnose(fixture('recorded/prometheus-rules'));
    expect(found.cause).toContain('/etc/prometheus/rules.yml, line 5 (/scratch/prometheus-rules/rules.yml)');
  });

  it('shows what no rule knows as the engine said it', () => {
    expect(diagnose(facts({ ending: 'not-started', refusal: 'the moon is in the way' }))).toMatchObject({
      rule: 'refused',
      cause: 'could not be started: the moon is in the way',
    });
  });
});

describe('the rules', () => {
  it('have names of their own', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are the table of docs/troubleshooting.md ("npm run docs" writes it)', () => {
    const committed = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');
    expect(committed).toBe(troubleshootingMarkdown());
  });
});
