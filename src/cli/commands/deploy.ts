import { withExamples } from '../examples.ts';
import { waitLockOption, withBringUp } from '../options.ts';
import type { Register } from '../program.ts';

export const registerDeploy: Register = (program, run) => {
  const deploy = withExamples(
    withBringUp(
      program
        .command('deploy')
        .description('bring the same stack up on Docker Swarm: secrets, rolling updates, seed, URLs'),
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
