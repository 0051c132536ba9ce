import { describe, expect, it } from 'vitest';
import { checkAlerting, tellUnread } from '../../../../src/app/alerts/check.ts';
import { type ConfigInput, configSchema } from '../../../../src/config/schema.ts';
import { ApictlError } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import type { ImageProgram, ProgramEnd } from '../../../../src/core/ports/image-programs.ts';
import { fakeClock } from '../../../fakes/fake-clock.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { localImages, packagedFragments, renderDefault } from '../../stack/render/matrix.ts';

const fragments = await packagedFragments();
const APICTL_YAML = `project: shop
alerting:
  rules: [rules/a.yml]
  receivers:
    - name: hook
      webhook: { url: "http://receiver/%zz" }
`;
const ALERTING = {
  rules: ['rules/a.yml'],
  receivers: [{ name: 'hook', webhook: { url: 'http://receiver/%zz' } }],
};
const RULES = 'groups: [{ name: shop, rules: [{ alert: X, expr: rate(up) }] }]\n';
const FINE: ProgramEnd = { exitCode: 0, output: '' };

/** An engine whose programs answer this; null for one that has no image. */
function engineOf(answers: Readonly<Record<string, ProgramEnd | null | Error>>) {
  const asked: ImageProgram[] = [];
  const run = async (program: ImageProgram): Promise<ProgramEnd | null> => {
    asked.push(program);
    const answer = answers[program.argv[0] ?? ''] ?? null;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, imagePrograms: { run } };
}

function checking(answers: Parameters<typeof engineOf>[0], alerting: ConfigInput['alerting'] = ALERTING) {
  const files = memoryFiles({ '/shop/apictl.yaml': APICTL_YAML });
  const { asked, imagePrograms } = engineOf(answers);
  const world = {
    files,
    imagePrograms,
    clock: fakeClock(),
    emit: () => {},
    signal: new AbortController().signal,
  };
  const config = configSchema.parse({ project: 'shop', alerting });
  const project = { root: '/shop', file: '/shop/apictl.yaml', config, dotenv: {} };
  const packaged = renderDefault(fragments, { config });
  const own = { path: 'config/prometheus/rules/own/a.yml', content: RULES, mode: 0o644 };
  const stack = { ...packaged, files: [...packaged.files, own] };
  return { asked, files, check: (remember = true) => checkAlerting(world, project, stack, { remember }) };
}

describe('rules and receivers of the configuration', () => {
  it('are read by the programs of the images that the stack runs', async () => {
    const { asked, check } = checking({ promtool: FINE, amtool: FINE });
    expect((await check()).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    expect(asked.map(({ image }) => image)).toEqual([localImages.prometheus, localImages.alertmanager]);
    expect(asked[0]?.files).toEqual({ '0.yml': RULES });
    expect(Object.keys(asked[1]?.files ?? {})).toEqual(['of-logging.yml', 'of-hook.yml', 'alertmanager.yml']);
  });

  it('are refused with file, line and reason, all at once', async () => {
    const { check } = checking({
      promtool: { exitCode: 1, output: '/check/0.yml: 1:52: group "shop", rule 1, "X": no range vector' },
      amtool: { exitCode: 1, output: `Checking '/check/of-hook.yml'  FAILED: invalid URL escape "%zz"` },
    });
    await expect(check()).rejects.toMatchObject({
      code: 'RULES_INVALID',
      exitCode: 64,
      details: [
        'rules/a.yml:1: group "shop", rule 1, "X": no range vector (promtool)',
        'apictl.yaml: line 5: alerting.receivers.0: hook: invalid URL escape "%zz" (amtool)',
      ],
    });
  });

  it('are read again only when they, or the image, have changed', async () => {
    const { asked, check } = checking({ promtool: FINE, amtool: FINE });
    await check();
    expect((await check()).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    expect(asked).toHaveLength(2);
  });

  it('are read again where what was accepted is not written down, or not to be read', async () => {
    const { asked, files, check } = checking({ promtool: FINE, amtool: FINE });
    await check(false);
    expect([...files.content.keys()]).toEqual(['/shop/apictl.yaml']);
    files.content.set('/shop/.apictl/accepted.json', Buffer.from('{'));
    await check();
    expect(asked).toHaveLength(4);
  });

  it.each([
    [
      'has no such image',
      null,
      'missing',
      /^amtool has not read alerting.receivers: the engine has no image/,
    ],
    ['is away', new Error('no engine'), 'failed', /: no engine$/],
    ['gave up', { exitCode: 124, output: '' }, 'failed', /: it ended with exit code 124$/],
  ])('are left to our own checks, which is said, where the engine %s', async (_what, answer, state, text) => {
    const { check } = checking({ promtool: FINE, amtool: answer });
    const results = await check();
    expect(results[1]).toEqual({ tool: 'amtool', state, text: expect.stringMatching(text) });
    const told: Event[] = [];
    tellUnread({ emit: (event) => told.push(event) }, results);
    expect(told).toEqual([{ type: 'note', text: `${results[1]?.text}; apictl’s own checks have passed` }]);
  });

  it('cost nothing where there are none', async () => {
    const { asked, check } = checking({}, {});
    expect(await check()).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('are refused by themselves: receivers have their own code', async () => {
    const { check } = checking({
      promtool: FINE,
      amtool: { exitCode: 1, output: `Checking '/check/of-hook.yml'  FAILED: bad` },
    });
    const thrown = await check().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApictlError);
    expect(thrown).toMatchObject({ code: 'RECEIVERS_INVALID', object: 'alerting.receivers' });
  });
});
