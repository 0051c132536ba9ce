import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { flavourOption, profileOption, waitLockOption, wholeNumber } from '../options.ts';
import type { Register } from '../program.ts';

export const registerDeploy: Register = (program, run) => {
  const deploy = withExamples(
    program
      .command('deploy')
      .description('bring the same stack up on Docker Swarm: secrets, rolling updates, seed, URLs')
      .addOption(profileOption())
      .addOption(flavourOption())
      .option('--no-seed', 'leave Kong’s configuration alone')
      .option('--build', 'build all images anew')
      .option('--pull', 'pull published images again')
      .addOption(
        new Option('--timeout <seconds>', 'for the whole run').argParser(wholeNumber(1)).default(600),
      )
      .option('--dry-run', 'print the plan and why, change nothing')
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/deploy.ts')).deployAction)),
    ['apictl deploy', 'everything that goes on Swarm, from a manager that holds the data'],
    ['apictl deploy --dry-run', 'what would be created or updated, and why'],
  );
  withExamples(
    deploy
      .command('rm')
      .description('take the stack away from Swarm; data stays')
      .addOption(waitLockOption())
      .action(run(async () => (await import('../actions/deploy.ts')).removeAction)),
    ['apictl deploy rm', 'services, networks, secrets and configs; the volumes stay'],
  );
};
