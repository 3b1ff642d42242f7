/** Strings whose characters all fit into one byte: such a string's bytes are its characters, in V8's memory as in ours. */

const WIDER = /[^\0-\xff]/;

/** True for a string of U+0000 to U+00FF. Known without a look at the characters where V8 stores one byte for each. */
export function isLatin1(text: string): boolean {
  return !WIDER.test(text);
}
