import { flavourOption } from '../options.ts';
import type { Register } from '../program.ts';

export const registerImages: Register = (program, run) => {
  const images = program.command('images').description('the images of this stack');
  images
    .command('ls')
    .description('every image: whether it is there, its size, what earlier builds left')
    .addOption(flavourOption())
    .action(run(async () => (await import('../actions/images.ts')).imagesLs));
  images
    .command('build')
    .description('build what is built on this machine and not there yet')
    .addOption(flavourOption())
    .option('--rebuild', 'build all of them anew')
    .action(run(async () => (await import('../actions/images.ts')).imagesBuild));
};
