import { beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../src/config/schema.ts';
import type { ApictlError } from '../../../../src/core/errors.ts';
import type { Event } from '../../../../src/core/events.ts';
import type { ContextFile } from '../../../../src/core/ports/build-contexts.ts';
import { ensureImages } from '../../../../src/stack/images/ensure.ts';
import type { ImagePlan } from '../../../../src/stack/images/model.ts';
import { planImages } from '../../../../src/stack/images/plan.ts';
import { recipesFor } from '../../../../src/stack/images/recipes.ts';
import { type Build, buildFailed, imageEngine } from '../../../fakes/image-engine.ts';
import { memoryFiles } from '../../../fakes/memory-files.ts';
import { type CommandScript, scriptedCommands } from '../../../fakes/scripted-commands.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const APT: CommandScript['answers'] = {
  'apt-get indextargets': 'Debian|bookworm|main|http://mirror.invalid/debian|||\n',
  'apt-config dump': '',
};
/** A root on Debian with debootstrap, whose mirror answers. */
const MACHINE: CommandScript = {
  answers: { ...APT, 'debootstrap --version': 'debootstrap 1', 'id -u': '0\n' },
  stream: { output: 'the root file system' },
};

const dockerfile: ContextFile = {
  path: 'Dockerfile',
  mode: 0o644,
  content: { bytes: Buffer.from('ARG BASE\nFROM $BASE\n') },
};

function embedded(): ImagePlan {
  const recipes = recipesFor({ flavour: 'embedded', config: configSchema.parse({}), projectRoot: '/srv' });
  const contexts = Object.fromEntries(
    recipes.map((recipe) => [
      recipe.name,
      recipe.dockerfile === null
        ? { dockerfile: null, files: [] }
        : { dockerfile: 'Dockerfile', files: [dockerfile] },
    ]),
  );
  return planImages({ flavour: 'embedded', recipes, contexts });
}

let plan: ImagePlan;
let events: Event[];
let interruption: AbortController;
beforeEach(() => {
  plan = embedded();
  events = [];
  interruption = new AbortController();
});

const namesOf = (builds: readonly Build[]) =>
  builds.map(({ options }) => options.reference.replace(/^apictl\/(.*):.*$/, '$1'));
const referenceOf = (name: string) => plan.images.find((image) => image.name === name)?.reference ?? '';

function ensure(
  engine: ReturnType<typeof imageEngine>,
  options: { readonly machine?: CommandScript; readonly rebuild?: boolean } = {},
) {
  const ports = {
    engine,
    commands: scriptedCommands(options.machine ?? MACHINE),
    files: memoryFiles({ [KEYRING]: 'keys' }),
    clock: { now: () => 7 },
    environment: {},
    packageRoot: '/opt/apictl',
  };
  return ensureImages(plan, ports, (event) => events.push(event), interruption.signal, {
    rebuild: options.rebuild ?? false,
  });
}

const failureOf = (work: Promise<unknown>): Promise<ApictlError> =>
  work.then(
    () => expect.unreachable('must fail'),
    (thrown: ApictlError) => thrown,
  );

describe('building the images of a plan', () => {
  it('makes the base system first, then what stands on it, two at a time', async () => {
    const engine = imageEngine({ onBuild: () => new Promise((done) => setImmediate(done)) });
    const { built } = await ensure(engine);
    expect(engine.imports).toEqual([{ reference: referenceOf('debian'), bytes: 'the root file system' }]);
    expect(namesOf(engine.builds)[0]).toBe('platform');
    expect(built).toEqual(plan.images.map(({ name }) => name));
    expect(engine.mostAtOnce).toBe(2);
  });

  it('hands every build its base by its reference', async () => {
    const engine = imageEngine();
    await ensure(engine);
    const [platform, ...others] = engine.builds;
    expect(platform?.options.buildArgs.BASE).toBe(referenceOf('debian'));
    expect(new Set(others.map(({ options }) => options.buildArgs.BASE))).toEqual(
      new Set([referenceOf('platform')]),
    );
  });

  it('tells which of how many it is at', async () => {
    await ensure(imageEngine());
    const told = events.flatMap((event) => (event.type === 'step.progress' ? [event.text] : []));
    expect(told[0]).toBe(`1/${plan.images.length} ${referenceOf('debian')}`);
  });

  it('builds only what is missing', async () => {
    const all = plan.images.map(({ reference }) => reference);
    const engine = imageEngine({ present: all.filter((it) => it !== referenceOf('postgres')) });
    expect((await ensure(engine)).built).toEqual(['postgres']);
    expect(namesOf(engine.builds)).toEqual(['postgres']);
    expect(engine.imports).toEqual([]);
  });

  it('builds everything anew when it is told to, and refreshes the packages', async () => {
    const engine = imageEngine({ present: plan.images.map(({ reference }) => reference) });
    const { built } = await ensure(engine, { rebuild: true });
    expect(built).toHaveLength(plan.images.length);
    const refreshed = engine.builds.filter(({ options }) => options.buildArgs.REFRESH === '7');
    expect(namesOf(refreshed)).toEqual(['platform']);
  });

  it('ends the other builds at the first failure, keeps what is done, and tells the cause', async () => {
    const engine = imageEngine({
      onBuild: ({ options }) => {
        if (options.reference === referenceOf('postgres')) throw buildFailed(['Step 1/1 : RUN false']);
      },
    });
    const failure = await failureOf(ensure(engine));
    expect(failure).toMatchObject({ code: 'IMAGE_BUILD_FAILED', exitCode: 5, object: 'image postgres' });
    expect(failure.details).toEqual(['Step 1/1 : RUN false']);
    expect(engine.present.has(referenceOf('platform'))).toBe(true);
    expect(engine.present.has(referenceOf('postgres'))).toBe(false);
  });

  it.each([
    ['no space left on device', 'DISK_FULL', 8],
    ['E: Could not resolve "mirror.invalid"', 'IMAGE_BUILD_FAILED', 5],
  ])('tells a build that says "%s" as %s', async (said, code, exitCode) => {
    const engine = imageEngine({
      onBuild: () => {
        throw buildFailed([said]);
      },
    });
    expect(await failureOf(ensure(engine))).toMatchObject({ code, exitCode });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('interrupted by %s it begins nothing more and exits with %i', async (signal, exitCode) => {
    const engine = imageEngine({ onBuild: () => interruption.abort(signal) });
    expect(await failureOf(ensure(engine))).toMatchObject({ code: 'INTERRUPTED', exitCode });
    expect(namesOf(engine.builds)).toEqual(['platform']);
  });
});

describe('the base system', () => {
  it('is a Debian image of the engine under another name, where there is one', async () => {
    const engine = imageEngine({ present: ['debian:trixie-slim'] });
    await ensure(engine, { machine: { answers: APT } });
    expect(engine.imports).toEqual([]);
    expect(engine.builds[0]?.options.reference).toBe(referenceOf('debian'));
    expect(engine.builds[0]?.files).toEqual({ Dockerfile: 'FROM debian:trixie-slim\n' });
  });

  it('runs the program in a folder of its own, with nothing of the values in the script', async () => {
    const machine = scriptedCommands(MACHINE);
    await ensureImages(
      plan,
      {
        engine: imageEngine(),
        commands: machine,
        files: memoryFiles({ [KEYRING]: 'keys' }),
        clock: { now: () => 0 },
        environment: {},
        packageRoot: '/opt/apictl',
      },
      () => {},
      interruption.signal,
    );
    const call = machine.ran.find((argv) => argv.includes('debootstrap') && argv[0] === 'sh') ?? [];
    expect(call.slice(-3)).toEqual(['trixie', 'http://mirror.invalid/debian', KEYRING]);
    expect(call.filter((word) => word.includes('\n')).join('')).not.toContain('mirror.invalid');
  });

  it.each<[string, CommandScript, Partial<ApictlError>]>([
    [
      'a user who is not root',
      { ...MACHINE, answers: { ...MACHINE.answers, 'id -u': '1000\n' } },
      { code: 'BOOTSTRAP_NEEDS_ROOT' },
    ],
    ['no program', { answers: { ...APT, 'id -u': '0\n' } }, { code: 'BOOTSTRAP_MISSING' }],
    [
      'no mirror',
      { ...MACHINE, answers: { ...MACHINE.answers, 'apt-get indextargets': '' } },
      { code: 'BOOTSTRAP_NO_MIRROR' },
    ],
    [
      'a mirror that does not answer',
      { ...MACHINE, stream: { output: 'half', exitCode: 1, lastLines: ['E: Failed getting release file'] } },
      { code: 'MIRROR_UNREACHABLE' },
    ],
  ])('is refused in plain words with %s', async (_what, machine, expected) => {
    const engine = imageEngine();
    const failure = await failureOf(ensure(engine, { machine }));
    expect(failure).toMatchObject({ ...expected, exitCode: 5, object: 'image debian' });
    expect(failure.hint).not.toBe('');
    expect(engine.present.size).toBe(0);
  });
});
