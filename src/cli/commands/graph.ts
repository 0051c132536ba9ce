import { Option } from 'commander';
import { flavourOption, profileOption } from '../options.ts';
import type { Register } from '../program.ts';

export const registerGraph: Register = (program, run) =>
  program
    .command('graph')
    .description('the dependency graph, as it will be started')
    .addOption(new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid']).default('text'))
    .addOption(profileOption())
    .addOption(flavourOption())
    .action(run(async () => (await import('../actions/graph.ts')).graphAction));
