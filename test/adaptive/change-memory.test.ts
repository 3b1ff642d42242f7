import { describe, expect, test } from 'vitest';
import { BACK_OFF_INTERVALS, ChangeMemory } from '../../src/adaptive/change-memory.js';

const A = { shardCount: 8, cleanupIntervalMs: 300_000 };
const B = { shardCount: 16, cleanupIntervalMs: 120_000 };
const C = { shardCount: 32, cleanupIntervalMs: 60_000 };

describe('rest', () => {
  test('holds for the looks it tells, of these settings only', () => {
    const memory = new ChangeMemory();
    expect(memory.isResting(A, 10)).toBe(false);
    expect(memory.rest(A, 10)).toBe(BACK_OFF_INTERVALS);
    expect(memory.isResting(A, 10 + BACK_OFF_INTERVALS - 1)).toBe(true);
    expect(memory.isResting(A, 10 + BACK_OFF_INTERVALS)).toBe(false);
    expect(memory.isResting(B, 11)).toBe(false);
  });

  test('doubles each time, up to a bound, until the settings prove themselves', () => {
    const memory = new ChangeMemory();
    const rests = Array.from({ length: 8 }, () => memory.rest(A, 0) / BACK_OFF_INTERVALS);
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 32, 32]);
    memory.approve(A);
    expect(memory.isResting(A, 1)).toBe(false);
    expect(memory.rest(A, 0)).toBe(BACK_OFF_INTERVALS);
  });
});

describe('verdicts needed', () => {
  test('are the hysteresis for anything but the way back', () => {
    const memory = new ChangeMemory();
    memory.noteChange(A, B, 1);
    expect(memory.verdictsNeeded(C, 3, 2)).toBe(3);
  });

  test('multiply with each swing, up to a bound', () => {
    const memory = new ChangeMemory();
    const needed = Array.from({ length: 7 }, (_, swing) => {
      const [from, to] = swing % 2 === 0 ? [A, B] : [B, A];
      const verdicts = memory.verdictsNeeded(to, 2, swing);
      memory.noteChange(from, to, swing);
      return verdicts;
    });
    expect(needed).toEqual([2, 2, 4, 8, 16, 32, 32]);
  });

  test('stay 1 where 1 is asked for, and never fall below what is asked for', () => {
    const memory = new ChangeMemory();
    for (let swing = 0; swing < 6; swing++) memory.noteChange(swing % 2 === 0 ? A : B, swing % 2 === 0 ? B : A, swing);
    expect(memory.verdictsNeeded(B, 1, 7)).toBe(1);
    expect(memory.verdictsNeeded(B, 50, 7)).toBe(50);
  });

  test('are the hysteresis again when the way back comes late, or goes elsewhere in between', () => {
    const late = new ChangeMemory();
    late.noteChange(A, B, 0);
    late.noteChange(B, A, 1);
    expect(late.verdictsNeeded(B, 2, 1 + 2 * BACK_OFF_INTERVALS)).toBe(4);
    expect(late.verdictsNeeded(B, 2, 1 + 2 * BACK_OFF_INTERVALS + 1)).toBe(2);
    const elsewhere = new ChangeMemory();
    elsewhere.noteChange(A, B, 0);
    elsewhere.noteChange(B, A, 1);
    elsewhere.noteChange(A, C, 2);
    expect(elsewhere.verdictsNeeded(A, 2, 3)).toBe(2);
  });
});
