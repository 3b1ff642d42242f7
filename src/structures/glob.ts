/**
 * Glob matching over a whole text: `*` is any run of characters, `?` one character (a code point), a backslash takes
 * the next character literally. Two pointers with one point of return, never a RegExp: at most
 * O(pattern x text) steps for any input, and O(text) for patterns without long runs that nearly match.
 */

/** True when `pattern` matches the whole of `text`. A trailing lone backslash stands for itself. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  // After a star: where its rest begins in the pattern, and up to where in the text the star reaches.
  let restart = -1;
  let reach = 0;
  while (t < text.length) {
    const symbol = pattern.charCodeAt(p);
    if (symbol === STAR) {
      restart = ++p;
      reach = t;
      continue;
    }
    if (symbol === QUESTION) {
      p++;
      t += characterLength(text, t);
      continue;
    }
    const escaped = symbol === BACKSLASH && p + 1 < pattern.length;
    const literal = escaped ? pattern.charCodeAt(p + 1) : symbol;
    if (literal === text.charCodeAt(t)) {
      p += escaped ? 2 : 1;
      t++;
      continue;
    }
    if (restart === -1) return false;
    // Only the last star may have to reach further: the stars before it match as early as they can.
    p = restart;
    t = ++reach;
  }
  while (pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

const STAR = 0x2a;
const QUESTION = 0x3f;
const BACKSLASH = 0x5c;

/** Two for a surrogate pair, else one. */
function characterLength(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}
