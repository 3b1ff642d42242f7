/** Seeded randomness. Not for secrets: those come from node:crypto. */
import { crypto } from './builtins.js';

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  nextInt(bound: number): number;
}

/** A generator with 128 bits of state (sfc32, Chris Doty-Humphrey, PractRand). Equal seeds give equal sequences. */
export function createRandom(seed: number): Random {
  // Signed, since V8 keeps no box for them; the bits are the same.
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  function nextUint32(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let i = 0; i < 12; i++) nextUint32();
  return {
    next: () => nextUint32() / 2 ** 32,
    nextInt: (bound) => Math.floor((nextUint32() / 2 ** 32) * bound),
  };
}

/** An unpredictable seed, 0..2^48-2, from the system's generator. */
export function createSeed(): number {
  return crypto().randomInt(2 ** 48 - 1);
}
