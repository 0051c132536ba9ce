import { Option } from 'commander';
import { withExamples } from '../examples.ts';
import { flavourOption, profileOption } from '../options.ts';
import type { Register } from '../program.ts';

export const registerGraph: Register = (program, run) =>
  withExamples(
    program
      .command('graph')
      .description('the dependency graph, as it will be started')
      .addOption(
        new Option('--format <format>', 'how to draw it').choices(['text', 'mermaid']).default('text'),
      )
      .addOption(profileOption())
      .addOption(flavourOption())
      .action(run(async () => (await import('../actions/graph.ts')).graphAction)),
    ['apictl graph', 'what waits for what, and what is up'],
    ['apictl graph --format mermaid', 'the same for a page in Markdown'],
  );
