/** HTML by template: every value put into it is escaped unless it is HTML already. */
import { escapeHtml } from './embed.js';

/** Markup that is safe to put into a page as it stands. */
export interface Html {
  readonly markup: string;
}

type Part = Html | string | number | readonly Part[];

/** html`<p>${text}</p>`: text is escaped, Html is not, lists are joined. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return raw(strings.map((text, i) => text + (i < parts.length ? render(parts[i] as Part) : '')).join(''));
}

/** Takes text for markup: only for what this package wrote itself. */
export function raw(markup: string): Html {
  return { markup };
}

function render(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return 'markup' in part ? part.markup : part.map(render).join('');
}
