import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { trustSteps } from '../../../src/certs/trust.ts';

describe('how clients come to trust the authority', () => {
  it.each(['/srv/shop/ca.crt', `/srv/it's "q" $HOME & (1)/ca.crt`])(
    'names %s so that a shell takes it as one word',
    async (path) => {
      const command = trustSteps(path, 8443).find(({ client }) => client === 'curl')?.command ?? '';
      const { stdout } = await execa('sh', ['-c', command.replace(/^curl/, "printf '%s\\n'")]);
      expect(stdout.split('\n')).toEqual(['--cacert', path, 'https://localhost:8443/api/v1/whoami']);
    },
  );
});
