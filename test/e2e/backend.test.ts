import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeProject, type TestProject } from './support/project.ts';

let project: TestProject;
beforeAll(async () => {
  project = await makeProject('backend');
});
afterAll(() => project?.destroy());

// Some of these tests count what real gunicorn workers did within seconds; a machine at its limit gets a second try.
it('the backend passes its own tests inside its image, as the image’s user, on a read-only root', {
  retry: 1,
}, async () => {
  expect((await project.apictl('images', 'build')).exitCode).toBe(0);
  const { stdout } = await project.apictl('images', 'ls', '--json');
  const { images } = JSON.parse(stdout) as { images: { name: string; state: string; reference: string }[] };
  const image = images.find(({ name, state }) => name === 'backend' && state === 'current');
  const container = [
    'run',
    '--rm',
    '--read-only',
    '--tmpfs',
    '/tmp',
    '--cap-drop',
    'ALL',
    '--network',
    'none',
  ];
  const {
    exitCode,
    stderr,
    stdout: output,
  } = await execa('docker', [...container, image?.reference ?? 'missing', 'python3', '-m', 'tests'], {
    reject: false,
  });
  expect(exitCode, output + stderr).toBe(0);
  expect(output + stderr).toMatch(/Ran [1-9]\d* tests/);
});
