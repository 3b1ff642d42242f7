/** Tables of plain text, for terminals: aligned columns, cut to the width there is. */
import { stripVTControlCharacters } from 'node:util';

export interface TextTable {
  /** A name that starts with `#` is a column of numbers, set to the right. */
  readonly columns: readonly string[];
  /** Cells; may hold colours, which take no width. */
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
  /** Changes the head of the table, to colour it. */
  readonly head?: (line: string) => string;
}

const GAP = '  ';

/** The lines of a table. The last column is cut where a line would be wider than `width`. */
export function formatTable({ columns, rows, width, head = (line) => line }: TextTable): string {
  const names = columns.map((column) => column.replace(/^#/, ''));
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => visibleWidth(row[i] ?? ''))));
  const taken = widths.slice(0, -1).reduce((sum, own) => sum + own + GAP.length, 0);
  const last = widths.length - 1;
  widths[last] = Math.min(widths[last] ?? 0, Math.max(8, width - taken));
  const format = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const fitted = i === last ? cut(cell, widths[i] ?? 0) : cell;
        const padding = ' '.repeat(Math.max(0, (widths[i] ?? 0) - visibleWidth(fitted)));
        return columns[i]?.startsWith('#') === true ? padding + fitted : fitted + padding;
      })
      .join(GAP)
      .trimEnd();
  return [head(format(names)), ...rows.map(format)].join('\n');
}

/** `text` in at most `width` characters; a text that is cut loses its colours. */
export function cut(text: string, width: number): string {
  if (visibleWidth(text) <= width) return text;
  return `${stripVTControlCharacters(text).slice(0, Math.max(0, width - 1))}…`;
}

function visibleWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}
