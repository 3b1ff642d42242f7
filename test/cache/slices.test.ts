import { describe, expect, test } from 'vitest';
import { inSlices, SLICE_ENTRIES, type Step, stepOver } from '../../src/cache/slices.js';
import { createStopwatch } from '../../src/core/clock.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

/** Entries handled in each slice, of `count` that take `eachMs`. */
async function slicesOf(count: number, eachMs: number): Promise<number[]> {
  const clock = createFakeClock();
  const slices = [0];
  const step: Step = (maxEntries) => {
    const handled = Math.min(maxEntries, count - slices.reduce((sum, slice) => sum + slice, 0));
    slices.push((slices.pop() as number) + handled);
    clock.advance(handled * eachMs);
    return handled < maxEntries;
  };
  await inSlices(createStopwatch(clock), step, () => void slices.push(0));
  return slices.slice(0, -1);
}

describe('slices', () => {
  test('are bounded by entries while time stands still', async () => {
    expect(await slicesOf(2 * SLICE_ENTRIES + 7, 0)).toEqual([SLICE_ENTRIES, SLICE_ENTRIES, 7]);
  });

  test('are bounded by time where entries take long, at the next look after 4 ms', async () => {
    expect(await slicesOf(600, 0.05)).toEqual([128, 128, 128, 128, 88]);
    expect(await slicesOf(150, 100)).toEqual([64, 64, 22]);
  });

  test('give the event loop its turn in between', async () => {
    const order: string[] = [];
    const step = stepOver(Array.from({ length: SLICE_ENTRIES + 1 }), () => {
      if (order.at(-1) !== 'entry') order.push('entry');
    });
    setImmediate(() => order.push('turn'));
    await inSlices(() => 0, step);
    expect(order).toEqual(['entry', 'turn', 'entry']);
  });

  test('end with what a step throws', async () => {
    const step: Step = () => {
      throw new Error('of a step');
    };
    await expect(inSlices(() => 0, step)).rejects.toThrow('of a step');
  });
});
