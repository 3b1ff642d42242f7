/** Text and data inside HTML, escaped so that neither can end its element or start another. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** A data block: JSON that the page's script reads by its id. `<` is escaped, so the block cannot be ended from inside. */
export function dataBlock(id: string, value: unknown): string {
  const json = JSON.stringify(value).replaceAll('<', '\\u003c');
  return `<script type="application/json" id="${escapeHtml(id)}">${json}</script>`;
}

/** The value of a data block of a page; undefined when there is none or it is not JSON. */
export function readDataBlock(html: string, id: string): unknown {
  const start = `<script type="application/json" id="${escapeHtml(id)}">`;
  const from = html.indexOf(start);
  const to = html.indexOf('</script>', from);
  if (from < 0 || to < 0) return undefined;
  try {
    return JSON.parse(html.slice(from + start.length, to));
  } catch {
    return undefined;
  }
}
