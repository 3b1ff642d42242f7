/** First in, first out. */
import type { Simulator } from './simulator.js';

export function createFifo(capacity: number): Simulator {
  const held = new Set<number>();
  const ring: number[] = [];
  let next = 0;
  return {
    access(key) {
      if (held.has(key)) return true;
      if (ring.length === capacity) held.delete(ring[next] as number);
      ring[next] = key;
      next = (next + 1) % capacity;
      held.add(key);
      return false;
    },
  };
}
