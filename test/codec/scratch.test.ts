import { describe, expect, test } from 'vitest';
import { Scratch } from '../../src/codec/scratch.js';
import { fc } from '../support/property.js';

describe('scratch memory', () => {
  test('is as long as asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200)), (lengths) => {
        const scratch = new Scratch(100);
        for (const length of lengths) expect(scratch.take(length)).toHaveLength(length);
      }),
    );
  });

  test('is the same memory again where it is long enough', () => {
    const scratch = new Scratch(100);
    const first = scratch.take(50);
    expect(scratch.take(20).buffer).toBe(first.buffer);
    expect(scratch.take(60).buffer).not.toBe(first.buffer);
  });

  test('never holds more than its bound', () => {
    const scratch = new Scratch(100);
    for (const length of [1, 60, 70, 100]) expect(scratch.take(length).buffer.byteLength).toBeLessThanOrEqual(100);
    const kept = scratch.take(100).buffer;
    expect(scratch.take(101).buffer).not.toBe(kept);
    expect(scratch.take(1).buffer).toBe(kept);
  });
});
