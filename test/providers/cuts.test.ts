import { expect, test } from 'vitest';
import { cutsOf } from './cuts.js';

test('each cut is made, and once', () => {
  const cuts = { small: 30, spacing: 7 };
  for (const length of [1, 2, 6, 7, 8, 30, 31, 100]) {
    const bytes = new Uint8Array(length);
    const made = new Array<number>(length).fill(0);
    for (const [how, pieces] of cutsOf(bytes, cuts)) {
      if (how === 'byte by byte') continue;
      for (const { byteOffset, length: size } of pieces) {
        const end = byteOffset - bytes.byteOffset + size;
        if (end < length) made[end] = (made[end] ?? 0) + 1;
      }
    }
    expect(made.slice(1).every((count) => count === 1)).toBe(true);
  }
});
