import { expect, test } from 'vitest';
import { eachOf } from '../../src/resilience/each-of.js';
import { createGate, settle } from '../llm/puppet.js';

test('work is begun in order, no more than so many at once, and all of it is done', async () => {
  const begun: string[] = [];
  const gates = Array.from({ length: 5 }, createGate);
  let isDone = false;
  const all = eachOf('abcde', 2, async (letter, index) => {
    begun.push(`${letter}${index}`);
    await gates[index]?.passed;
  }).then(() => {
    isDone = true;
  });
  expect(begun).toEqual(['a0', 'b1']);
  gates[1]?.open();
  await settle();
  expect(begun).toEqual(['a0', 'b1', 'c2']);
  for (const gate of gates) gate.open();
  await all;
  expect([begun.length, isDone]).toEqual([5, true]);
});

test('after a failure nothing is begun, and it is told when nothing is under way', async () => {
  const gate = createGate();
  const begun: number[] = [];
  let told: unknown;
  const all = eachOf([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('first');
    await gate.passed;
    throw new Error('second');
  }).catch((error: Error) => {
    told = error.message;
  });
  await settle();
  expect([begun, told]).toEqual([[0, 1], undefined]);
  gate.open();
  await all;
  expect([begun, told]).toEqual([[0, 1], 'first']);
});

test('a list that fails in the middle fails the whole', async () => {
  function* broken(): Generator<number> {
    yield 1;
    throw new Error('no more');
  }
  await expect(eachOf(broken(), 3, async () => undefined)).rejects.toThrow('no more');
});
