/** Bytes in use once the garbage is gone. Needs --expose-gc. */
import { setImmediate as turn } from 'node:timers/promises';

const PASSES = 4;

/** Heap and what hangs on it outside (array buffers are part of `external`). */
export async function settledBytes() {
  for (let i = 0; i < PASSES; i++) {
    collectGarbage();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A full collection, now. */
export function collectGarbage() {
  if (globalThis.gc === undefined) throw new Error('needs node --expose-gc');
  globalThis.gc();
}
