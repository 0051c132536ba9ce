import { describe, expect, it } from 'vitest';
import { renderProject } from '../../../../src/app/render/rendered.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { withPackage } from '../../../fakes/packaged-files.ts';
import { localImages, packageRoot } from '../../stack/render/matrix.ts';

const GOOD = 'groups: [{ name: shop, rules: [{ record: shop:up, expr: sum(up) }] }]\n';

/** The packaged stack, in a project that has only these files. */
async function render(
  files: Readonly<Record<string, string>>,
  rules: readonly string[],
  profiles = ['core', 'monitoring'],
) {
  const world = {
    files: withPackage(memoryFiles(files), packageRoot),
    environment: {},
    packageRoot,
  };
  const config = configSchema.parse({ alerting: { rules } });
  const choice = {
    flavour: 'embedded' as const,
    profiles: profiles as ('core' | 'monitoring')[],
    engineApiVersion: '1.41',
    composeVersion: '2.26.1',
    images: localImages,
  };
  return renderProject(world, { root: '/shop', config, dotenv: {} }, choice);
}

describe('rule files of one’s own', () => {
  it('lie beside the packaged ones, and change what Prometheus is made of', async () => {
    const stack = await render({ '/shop/rules/a.yml': GOOD }, ['rules/a.yml']);
    expect(stack.files.find(({ path }) => path === 'config/prometheus/rules/own/a.yml')?.content).toBe(GOOD);
    const digest = (given: typeof stack) => given.compose.services.prometheus?.labels['io.apictl.digest'];
    const changed = await render({ '/shop/rules/a.yml': GOOD.replace('sum', 'max') }, ['rules/a.yml']);
    expect(digest(changed)).not.toBe(digest(stack));
  });

  it('are all judged before anything is rendered', async () => {
    const files = { '/shop/rules/a.yml': GOOD.replace('sum(up)', 'sum(up') };
    await expect(render(files, ['rules/a.yml', 'rules/gone.yml'])).rejects.toMatchObject({
      code: 'RULES_INVALID',
      exitCode: 64,
      details: [
        'rules/a.yml:1: groups.0.rules.0.expr: cannot be read as PromQL: it ends too early',
        'rules/gone.yml: there is no such file',
      ],
    });
  });

  it('are of no interest where no Prometheus is rendered', async () => {
    const stack = await render({}, ['rules/gone.yml'], ['core']);
    expect(stack.files.some(({ path }) => path.includes('rules'))).toBe(false);
  });
});
