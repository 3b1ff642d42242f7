/** Real text for values: the documentation of an installed package, whose version the lockfile pins. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../../node_modules/undici', import.meta.url));

/** All of it as one-byte characters; what is not ASCII is a question mark. */
export function readProse() {
  const files = readdirSync(PACKAGE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .sort();
  const text = files.map((file) => readFileSync(join(PACKAGE, file), 'utf8')).join('\n');
  return Buffer.from(text.replaceAll(/[^\n\x20-\x7e]/g, '?'), 'latin1');
}

/**
 * Values as a cache of answers holds them: an object with a text of `bytes` characters, each from another place.
 * @param {number} count
 * @param {number} bytes
 */
export function makeAnswers(count, bytes) {
  const prose = readProse();
  const places = prose.length - bytes;
  if (places < count) throw new Error(`the text is too short for ${count} values of ${bytes} bytes`);
  return Array.from({ length: count }, (_, id) => {
    const start = Math.floor((id / count) * places);
    // A slice of a Buffer is a flat string of its own: no part of a larger one that would be kept alive.
    return { id, model: 'example-model', text: prose.toString('latin1', start, start + bytes) };
  });
}
