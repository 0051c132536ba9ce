import { isScalar, isMap as isYamlMap, LineCounter, parseAllDocuments } from 'yaml';
import { tooDeep } from '../../core/yaml-depth.ts';
import { placeLine, yamlPlaces } from '../../core/yaml-places.ts';

/**
 * Every place where the text of a `compose.override.yaml` is no YAML, as `line 3, column 5: ...`. What its keys mean is for Compose
 * to judge, whose own tags (`!reset`, `!override`), merges (`<<`) and several documents in one file are all legal. Pure.
 */
export function overrideProblems(text: string): string[] {
  const deep = tooDeep(text);
  if (deep !== null) return [placeLine(deep)];
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    strict: false,
    logLevel: 'silent',
  });
  return [...documents].flatMap((document) => {
    if (document.errors.length > 0) return yamlPlaces(document.errors, lines);
    const { contents } = document;
    if (contents === null || isYamlMap(contents) || (isScalar(contents) && contents.value === null))
      return [];
    return yamlPlaces(
      [{ pos: [contents.range[0], contents.range[1]], message: 'must be a map, as "services:"' }],
      lines,
    );
  });
}
