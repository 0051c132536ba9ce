/** Control characters, what turns the direction of text, and what ends lines on some terminals. */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u;
const EACH_HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
/** Colours of a service's own say nothing here, and would stay on. */
const COLOUR = /\p{Cc}\[[\d;]*m/gu;

/**
 * A text that cannot do anything to a terminal: a log line is whatever somebody sent to a service, and may move the cursor,
 * change the title, or hide what follows. Such characters are shown as written in code, `\x1b`; tabs stay.
 */
export function harmless(text: string): string {
  if (!HARMFUL.test(text)) return text;
  return text.replace(COLOUR, '').replace(EACH_HARMFUL, (character) => {
    if (character === '\t') return character;
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}
