import { planProjectImages } from '../../app/images.ts';
import { renderChoice } from '../../app/render-choice.ts';
import { renderProject } from '../../app/rendered.ts';
import { EXIT } from '../../core/errors.ts';
import { readGraph } from '../../stack/graph.ts';
import { graphMermaid, graphText } from '../../stack/graph-text.ts';
import { type Context, openProject, printResult } from '../context.ts';

interface Flags {
  readonly format: 'text' | 'mermaid';
  readonly profile?: readonly string[];
  readonly images?: string;
}

export const graphAction = async (context: Context, flags: Flags) => {
  const project = await openProject(context, { profiles: flags.profile, images: flags.images });
  const choice = await renderChoice(context.world, project);
  const images = await planProjectImages(context.world, project, choice);
  const stack = await renderProject(context.world, project, { ...choice, images: images.references });
  const graph = readGraph(stack.compose.services);
  printResult(context, graph, (nodes) =>
    flags.format === 'mermaid' ? graphMermaid(nodes) : graphText(nodes),
  );
  return EXIT.ok;
};
