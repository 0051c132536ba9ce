import { describe, expect, it } from 'vitest';
import { renderProject } from '../../../../src/app/render/rendered.ts';
import type { Flavour } from '../../../../src/config/choices.ts';
import { configSchema } from '../../../../src/config/schema.ts';
import { maskPrograms } from '../../../../src/elk/mask-programs.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { withPackage } from '../../../fakes/packaged-files.ts';
import { localImages, packageRoot } from '../../stack/render/matrix.ts';

const FILE = 'config/logstash/filters/patterns.json';

function render(maskPatterns: readonly string[], flavour: Flavour = 'official') {
  const world = { files: withPackage(memoryFiles({}), packageRoot), environment: {}, packageRoot };
  const config = configSchema.parse({ logging: { maskPatterns } });
  const choice = { engineApiVersion: '1.41', composeVersion: '2.26.1', images: localImages };
  const profiles = ['core', 'elk'] as const;
  return renderProject(world, { root: '/shop', config, dotenv: {} }, { flavour, profiles, ...choice });
}

describe('the patterns that are masked in the logging service', () => {
  it('lie beside Logstash’s filters as programs, and change what Logstash is made of', async () => {
    const [none, one] = [await render([]), await render(['EMP-[0-9]{6}'])];
    const contentOf = ({ files }: typeof one) => files.find(({ path }) => path === FILE)?.content;
    expect(contentOf(none)).toBe('[]\n');
    expect(JSON.parse(contentOf(one) ?? '')).toEqual(maskPrograms(['EMP-[0-9]{6}']));
    const digest = ({ compose }: typeof one) => compose.services.logstash?.labels['io.apictl.digest'];
    expect(digest(one)).not.toBe(digest(none));
  });

  it('are of no interest where no Logstash is rendered', async () => {
    const { files } = await render(['EMP-[0-9]{6}'], 'embedded');
    expect(files.filter(({ path }) => path.includes('logstash'))).toEqual([]);
  });
});
