/** The option reference as Markdown, made from the fields of a scope. */
import type { Field, OptionScope } from './field.js';
import { fieldOf } from './layers.js';
import { printValue } from './option.js';

export function optionReference<C extends object>(scope: OptionScope<string, C>): string {
  const rows = Object.keys(scope.fields).map((key) => row(key, fieldOf(scope, key) as Field<unknown>));
  return [`| option | setting | default | takes | live | meaning |`, `|---|---|---|---|---|---|`, ...rows, ''].join(
    '\n',
  );
}

function row(key: string, field: Field<unknown>): string {
  const names = field.options.map((name) => `\`${name}\``).join(', ');
  const fallback = field.fallback === undefined ? 'none' : `\`${printValue(field.fallback)}\``;
  const cells = [names, `\`${key}\``, fallback, field.type.expected, field.live === true ? 'yes' : '', field.doc];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
