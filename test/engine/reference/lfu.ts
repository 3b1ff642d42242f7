/**
 * Least frequently used with dynamic ageing (LFU-DA: Arlitt, Cherkasova, Dilley, Friedrich, Jin, 2000): the priority of
 * a new key is L + 1, a hit adds 1, L is the priority of the key evicted last. Of equals the least recently used goes.
 */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

interface RankedItem extends Item {
  priority: number;
}

export function createLfuDa(capacity: number): Simulator {
  const items = new Map<number, RankedItem>();
  const queues = new Map<number, Queue<RankedItem>>();
  let age = 0;

  function push(item: RankedItem): void {
    const queue = queues.get(item.priority) ?? new Queue<RankedItem>();
    queues.set(item.priority, queue);
    queue.push(item);
  }
  function remove(item: RankedItem): void {
    const queue = queues.get(item.priority) as Queue<RankedItem>;
    queue.remove(item);
    if (queue.size === 0) queues.delete(item.priority);
  }
  function evict(): void {
    // No priority is below L, so the least is the first there is from L on.
    while (!queues.has(age)) age++;
    const victim = (queues.get(age) as Queue<RankedItem>).oldest as RankedItem;
    remove(victim);
    items.delete(victim.key);
  }
  return {
    access(key) {
      const held = items.get(key);
      if (held !== undefined) {
        remove(held);
        held.priority++;
        push(held);
        return true;
      }
      if (items.size === capacity) evict();
      const item = { ...createItem(key), priority: age + 1 };
      items.set(key, item);
      push(item);
      return false;
    },
  };
}
