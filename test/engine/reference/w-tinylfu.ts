/**
 * W-TinyLFU (Einziger, Friedman, Manes, ACM Transactions on Storage 2017): an LRU window of a fixed share, behind it a
 * segmented LRU that admits the window's victim only if it was asked for more often than its own.
 */
import { createSketch, type Frequencies } from './frequencies.js';
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;

type Segment = 'window' | 'probation' | 'protected';
interface PlacedItem extends Item {
  segment: Segment;
}

export function createWTinyLfu(capacity: number, frequencies: Frequencies = createSketch(capacity)): Simulator {
  const windowSize = Math.max(1, Math.round(capacity * WINDOW_SHARE));
  const protectedSize = Math.floor((capacity - windowSize) * PROTECTED_SHARE);
  const items = new Map<number, PlacedItem>();
  const queues = {
    window: new Queue<PlacedItem>(),
    probation: new Queue<PlacedItem>(),
    protected: new Queue<PlacedItem>(),
  };

  function moveTo(segment: Segment, item: PlacedItem): void {
    queues[item.segment].remove(item);
    item.segment = segment;
    queues[segment].push(item);
  }
  function hit(item: PlacedItem): void {
    if (item.segment !== 'probation') {
      queues[item.segment].renew(item);
      return;
    }
    moveTo('protected', item);
    if (queues.protected.size > protectedSize) moveTo('probation', queues.protected.oldest as PlacedItem);
  }
  function insert(key: number): void {
    const item = { ...createItem(key), segment: 'window' as Segment };
    items.set(key, item);
    queues.window.push(item);
    if (queues.window.size <= windowSize) return;
    const candidate = queues.window.oldest as PlacedItem;
    const victim = queues.probation.oldest ?? queues.protected.oldest ?? candidate;
    moveTo('probation', candidate);
    if (items.size <= capacity) return;
    const loser = frequencies.of(candidate.key) > frequencies.of(victim.key) ? victim : candidate;
    queues[loser.segment].remove(loser);
    items.delete(loser.key);
  }
  return {
    access(key) {
      frequencies.count(key);
      const held = items.get(key);
      if (held === undefined) insert(key);
      else hit(held);
      return held !== undefined;
    },
  };
}
