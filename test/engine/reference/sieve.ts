/** SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi, NSDI 2024), algorithm 1. */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

interface SieveItem extends Item {
  visited: boolean;
}

export function createSieve(capacity: number): Simulator {
  const items = new Map<number, SieveItem>();
  const queue = new Queue<SieveItem>();
  let hand: SieveItem | undefined;

  function evict(): void {
    let item = hand ?? (queue.oldest as SieveItem);
    while (item.visited) {
      item.visited = false;
      item = (item.newer ?? queue.oldest) as SieveItem;
    }
    hand = item.newer as SieveItem | undefined;
    items.delete(item.key);
    queue.remove(item);
  }
  return {
    access(key) {
      const held = items.get(key);
      if (held !== undefined) {
        held.visited = true;
        return true;
      }
      if (queue.size === capacity) evict();
      const item = { ...createItem(key), visited: false };
      items.set(key, item);
      queue.push(item);
      return false;
    },
  };
}
