import type { Rule } from '../model.ts';
import { heard } from '../said.ts';

export const jvmHeap: Rule = {
  id: 'jvm-heap',
  weight: 'certain',
  failure: 'the Java heap of Elasticsearch or Logstash is too big for its memory, or too small for its work',
  remedy: '`elasticsearch.heap` about half of `elasticsearch.memory` in `apictl.yaml`',
  recognise: (facts) => {
    const tooBig = heard(
      facts,
      /Could not reserve enough space for \S+ ?object heap/,
      /insufficient memory for the Java Runtime Environment/,
      /(?:Invalid|Too small) (?:maximum|initial) heap size/,
      /Initial heap size set to a larger value than the maximum heap size/,
    );
    if (tooBig !== undefined) {
      return {
        cause: `has a Java heap that does not fit into its memory: ${tooBig.line}`,
        hint: 'Make elasticsearch.heap about half of elasticsearch.memory in apictl.yaml, and see "apictl doctor" for the engine’s memory.',
      };
    }
    return heard(facts, /java\.lang\.OutOfMemoryError/) === undefined
      ? undefined
      : {
          cause: 'used up its Java heap (java.lang.OutOfMemoryError)',
          hint: 'Raise elasticsearch.heap and elasticsearch.memory in apictl.yaml.',
        };
  },
};
