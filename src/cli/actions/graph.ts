import { projectGraph } from '../../app/graph.ts';
import { EXIT } from '../../core/errors.ts';
import { graphMermaid, graphText } from '../../stack/graph/graph-text.ts';
import { type Context, openProject, printResult } from '../context.ts';

interface Flags {
  readonly format: 'text' | 'mermaid';
  readonly profile?: readonly string[];
  readonly images?: string;
}

export const graphAction = async (context: Context, flags: Flags) => {
  const project = await openProject(context, { profiles: flags.profile, images: flags.images });
  const nodes = await projectGraph(context.world, project);
  printResult(context, nodes, flags.format === 'mermaid' ? graphMermaid : graphText);
  return EXIT.ok;
};
