import { Document, isScalar, visit } from 'yaml';
import type { TreeMap } from './compose-tree.ts';

/**
 * Text that every YAML reader takes the same way. Compose reads with a parser that still knows parts of YAML 1.1, where
 * `1_000`, `0777`, `12:30` and `2026-01-01` are not text: whatever is not plainly a word is quoted.
 */
const PLAIN_WORD = /^[A-Za-z./][\w./-]*(?:[ =,:][\w./-]+)*$/;
const NOT_TEXT = /^(?:y|n|yes|no|on|off|true|false|null|\.inf|\.nan)$/i;

/** @param comment lines that stand above the document, without `#` */
export function yamlText(tree: TreeMap, comment: readonly string[]): string {
  // Aliases would be written where a value occurs twice as the same object; the file shall read plainly.
  const document = new Document(tree, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (!isScalar(node) || typeof node.value !== 'string') return;
      const isPlain = PLAIN_WORD.test(node.value) && !NOT_TEXT.test(node.value);
      node.type = isPlain ? 'PLAIN' : 'QUOTE_DOUBLE';
      if (isReadableBlock(node.value)) node.type = 'BLOCK_LITERAL';
    },
  });
  document.commentBefore = comment.map((line) => ` ${line}`).join('\n');
  return document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }).replace(UNSAFE, escapeSequence);
}

/** Line ends of Unicode, which a YAML reader would fold, and controls, which it refuses. Only quoted text can hold them. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff]/g;
const escapeSequence = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Several lines of printable ASCII that end with one newline: shell scripts of our own fragments. */
const isReadableBlock = (text: string): boolean => /^(?:[!-~][ -~]*[!-~]\n|[!-~]\n){2,}$/.test(text);
