import { withExamples } from '../examples.ts';
import { flavourOption, profileOption } from '../options.ts';
import type { Register } from '../program.ts';

export const registerImages: Register = (program, run) => {
  const images = withExamples(program.command('images').description('the images of this stack'), [
    'apictl images ls',
    'what is there, and what is missing',
  ]);
  withExamples(
    images
      .command('ls')
      .description('every image: whether it is there, its size, what earlier builds left')
      .addOption(flavourOption())
      .action(run(async () => (await import('../actions/images.ts')).imagesLs)),
    ['apictl images ls', 'what is there, and what is missing'],
  );
  withExamples(
    images
      .command('build')
      .description('build what is built on this machine and not there yet')
      .addOption(flavourOption())
      .option('--rebuild', 'build all of them anew')
      .action(run(async () => (await import('../actions/images.ts')).imagesBuild)),
    ['apictl images build', 'what is not there yet'],
    ['apictl images build --rebuild', 'all of them, with current Debian packages'],
  );
  withExamples(
    images
      .command('pull')
      .description('fetch the published images that are not there yet')
      .addOption(flavourOption())
      .option('--refresh', 'ask the registry also for those that are there')
      .action(run(async () => (await import('../actions/images.ts')).imagesPull)),
    ['apictl images pull', 'before "apictl up", while the network is good'],
    ['apictl images pull --refresh', 'also what may have a newer build under the same tag'],
  );
  withExamples(
    images
      .command('lock')
      .description('hold every published image to what its tag stands for today, in images.lock')
      .addOption(flavourOption())
      .addOption(profileOption())
      .option('--update', 'ask the registry for newer ones under the same tags')
      .action(run(async () => (await import('../actions/images.ts')).imagesLock)),
    ['apictl images lock', 'what is locked already stays as it is'],
    ['apictl images lock --update', 'renew the lock, then "apictl up"'],
  );
  withExamples(
    images
      .command('prune')
      .description('remove what earlier builds left and no container uses (asks)')
      .addOption(flavourOption())
      .option('--dry-run', 'only list them')
      .action(run(async () => (await import('../actions/images.ts')).imagesPrune)),
    ['apictl images prune --dry-run', 'what is there to remove, and how large'],
    ['apictl images prune --yes', 'without a question'],
  );
  withExamples(
    images
      .command('save <file>')
      .description(
        'every image of this stack, and the npm packages of this clone, in one new file for machines without a network',
      )
      .addOption(flavourOption())
      .addOption(profileOption())
      .option('--no-packages', 'only the images')
      .action(run(async () => (await import('../actions/images-archive.ts')).imagesSave)),
    ['apictl images save /media/stick/shop-images.tar', 'what this stack runs with'],
    ['apictl images save core.tar --profile core', 'without monitoring and the Elastic stack'],
    ['apictl images save images.tar --no-packages', 'where the other machine has an installed apictl'],
  );
  withExamples(
    images
      .command('load <file>')
      .description('check such a file as a whole, and give its images to the engine')
      .action(run(async () => (await import('../actions/images-archive.ts')).imagesLoad)),
    ['apictl images load shop-images.tar', 'then "apictl up" needs no registry'],
  );
};
