/** Text that is safe inside of a page; every value goes through here. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that was made here and needs no escaping any more. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const escapeText = (value: unknown): string =>
  String(value).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

const rendered = (value: unknown): string => {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(rendered).join('');
  return value === null || value === undefined ? '<span class="none">–</span>' : escapeText(value);
};

/** A template whose values are escaped unless they are markup from here. */
export const html = (parts: TemplateStringsArray, ...values: readonly unknown[]): Html =>
  new Html(parts.reduce((text, part, index) => `${text}${rendered(values[index - 1])}${part}`));
