/** Least recently used. */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

export function createLru(capacity: number): Simulator {
  const items = new Map<number, Item>();
  const queue = new Queue<Item>();
  return {
    access(key) {
      const held = items.get(key);
      if (held !== undefined) {
        queue.renew(held);
        return true;
      }
      if (queue.size === capacity) items.delete(queue.shift().key);
      const item = createItem(key);
      items.set(key, item);
      queue.push(item);
      return false;
    },
  };
}
