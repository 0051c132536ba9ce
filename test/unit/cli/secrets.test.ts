import { describe, expect, it } from 'vitest';
import { runCommand } from '../../fakes/command-line.ts';
import { memoryFiles } from '../../fakes/memory-files.ts';

const world = {
  files: memoryFiles({ '/srv/secrets/values/partner-api-key': 'the value' }),
  workingFolder: '/srv',
};

describe('apictl secrets show, without a terminal', () => {
  it('shows no value', async () => {
    const { error, stdout } = await runCommand(world, 'secrets', 'show', 'partner-api-key');
    expect(error).toMatchObject({ code: 'SECRET_NOT_SHOWN', exitCode: 64 });
    expect(stdout).toBe('');
  });

  it('shows it when it is told --yes', async () => {
    const { exitCode, stdout } = await runCommand(world, '--yes', 'secrets', 'show', 'partner-api-key');
    expect([exitCode, stdout]).toEqual([0, 'the value\n']);
  });

  it.each([
    ['parner-api-key', 'SECRET_UNKNOWN', 64],
    ['postgres-password', 'SECRET_MISSING', 7],
  ])('says of %s that it is not there, not that it is not shown', async (name, code, exitCode) => {
    expect((await runCommand(world, 'secrets', 'show', name)).error).toMatchObject({ code, exitCode });
  });
});

describe('apictl secrets set', () => {
  const config = 'alerting: { receivers: [{ name: oncall, pagerduty: { routingKeySecret: alert-pager } }] }';
  const project = () => ({ files: memoryFiles({ '/srv/apictl.yaml': config }), workingFolder: '/srv' });

  it('writes the value of a secret that the configuration names', async () => {
    const { files, ...rest } = project();
    const { exitCode, stdout } = await runCommand({ files, ...rest }, 'secrets', 'set', 'alert-pager');
    expect([exitCode, stdout]).toEqual([
      0,
      'alert-pager is set; "apictl up" hands it to the services that read it\n',
    ]);
    expect(files.content.get('/srv/secrets/values/alert-pager')?.toString()).toBe('typed-value');
  });

  it.each([
    ['alert-other', 'SECRET_UNKNOWN'],
    ['postgres-password', 'SECRET_GENERATED'],
  ])('refuses %s: %s', async (name, code) => {
    expect((await runCommand(project(), 'secrets', 'set', name)).error).toMatchObject({ code, exitCode: 64 });
  });
});
