/** Kong's schemas write their patterns in Lua's notation, and show them so; matching needs a regular expression. */

const CLASSES: Readonly<Record<string, string>> = {
  a: 'A-Za-z',
  d: '0-9',
  l: 'a-z',
  p: '!-/:-@\\[-`{-~',
  s: '\\s',
  u: 'A-Z',
  w: 'A-Za-z0-9',
  x: 'A-Fa-f0-9',
};

const compiled = new Map<string, RegExp>();

/**
 * Translates a Lua pattern that uses character classes, sets, anchors and repetition. Captures and `%b`/`%f` are not
 * used by any table and are refused.
 */
export function luaPattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  let source = '';
  let isInSet = false;
  for (let position = 0; position < pattern.length; position += 1) {
    const character = pattern.charAt(position);
    if (character === '%') {
      position += 1;
      const next = pattern.charAt(position);
      const characters = CLASSES[next];
      if (next === 'b' || next === 'f') throw new Error(`Lua pattern "${pattern}" uses %${next}`);
      if (characters !== undefined) source += isInSet ? characters : `[${characters}]`;
      else source += `\\${next}`;
    } else if (character === '[' && !isInSet) {
      isInSet = true;
      source += character;
    } else if (character === ']' && isInSet) {
      isInSet = false;
      source += character;
    } else if (character === '-' && !isInSet) {
      source += '*?';
    } else if (!isInSet && '(){}|\\/'.includes(character)) {
      source += `\\${character}`;
    } else if (isInSet && character === '\\') {
      source += '\\\\';
    } else {
      source += character;
    }
  }
  const expression = new RegExp(source, 's');
  compiled.set(pattern, expression);
  return expression;
}
