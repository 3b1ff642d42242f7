/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi, SOSP 2023), algorithm 1: a small and a main FIFO queue, and a ghost queue of
 * as many keys as main may hold.
 */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

interface CountedItem extends Item {
  frequency: number;
  isSmall: boolean;
}

export function createS3Fifo(capacity: number): Simulator {
  const items = new Map<number, CountedItem>();
  const small = new Queue<CountedItem>();
  const main = new Queue<CountedItem>();
  const smallTarget = Math.max(1, Math.floor(capacity / 10));
  const ghost = createGhost(capacity - smallTarget);

  function evict(): void {
    if (small.size >= smallTarget) evictSmall();
    else evictMain();
  }
  function evictSmall(): void {
    while (small.size > 0) {
      const item = small.shift();
      if (item.frequency <= 1) {
        items.delete(item.key);
        ghost.add(item.key);
        return;
      }
      item.frequency = 0;
      main.push(item);
    }
  }
  function evictMain(): void {
    while (main.size > 0) {
      const item = main.shift();
      if (item.frequency === 0) {
        items.delete(item.key);
        return;
      }
      item.frequency--;
      main.push(item);
    }
  }
  return {
    access(key) {
      const held = items.get(key);
      if (held !== undefined) {
        held.frequency = Math.min(held.frequency + 1, 3);
        return true;
      }
      while (items.size >= capacity) evict();
      const item = { ...createItem(key), frequency: 0, isSmall: true };
      items.set(key, item);
      (ghost.take(key) ? main : small).push(item);
      return false;
    },
  };
}

interface Ghost {
  add(key: number): void;
  /** Whether a key is remembered; it is forgotten then. */
  take(key: number): boolean;
}

function createGhost(capacity: number): Ghost {
  const items = new Map<number, Item>();
  const queue = new Queue<Item>();
  return {
    add(key) {
      const item = createItem(key);
      items.set(key, item);
      queue.push(item);
      if (queue.size > capacity) items.delete(queue.shift().key);
    },
    take(key) {
      const item = items.get(key);
      if (item === undefined) return false;
      queue.remove(item);
      return items.delete(key);
    },
  };
}
