/** A piece of HTML that may be sent as it is. */
export class Html {
  constructor(readonly text: string) {}
}

/** What is put in; nothing is written for what is not there. */
type Value = string | Html | Html[] | undefined | false;

/** HTML in which no text that is put in can be markup. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((text, part, index) => text + write(values[index - 1]) + part));
}

function write(value: Value): string {
  if (Array.isArray(value)) return value.map(({ text }) => text).join('');
  if (value === undefined || value === false) return '';
  return value instanceof Html ? value.text : escape(value);
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
