/**
 * W-TinyLFU (Einziger, Friedman, Manes, ACM Transactions on Storage 2017): an LRU window, behind it a segmented LRU that
 * admits the window's victim only if it was asked for more often than its own. Frequencies are counted exactly, up to
 * 15, and halved each time 10 x capacity accesses have been counted, in place of the sketch that approximates them.
 */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;
const MAX_FREQUENCY = 15;
const SAMPLE_FACTOR = 10;

type Segment = 'window' | 'probation' | 'protected';
interface PlacedItem extends Item {
  segment: Segment;
}

export function createWTinyLfu(capacity: number, windowShare: number = WINDOW_SHARE): Simulator {
  const windowSize = Math.max(1, Math.floor(capacity * windowShare));
  const protectedSize = Math.floor((capacity - windowSize) * PROTECTED_SHARE);
  const items = new Map<number, PlacedItem>();
  const queues = {
    window: new Queue<PlacedItem>(),
    probation: new Queue<PlacedItem>(),
    protected: new Queue<PlacedItem>(),
  };
  const frequencies = createSketch(capacity);

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

interface Frequencies {
  count(key: number): void;
  of(key: number): number;
}

/** A count-min sketch: a row of counters for each of four hash functions; the least of a key's four is its estimate. */
function createSketch(capacity: number): Frequencies {
  const width = 4 * 2 ** Math.ceil(Math.log2(Math.max(capacity, 8)));
  const rows = [0, 1, 2, 3].map(() => new Uint8Array(width));
  const sampleSize = SAMPLE_FACTOR * capacity;
  let counted = 0;

  function placeOf(key: number, row: number): number {
    let hash = Math.imul(key + 1, 0x9e3779b1) ^ Math.imul(row + 1, 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
    return ((hash ^ (hash >>> 15)) >>> 0) % width;
  }
  function halve(): void {
    let odd = 0;
    for (const row of rows) {
      for (const [place, count] of row.entries()) {
        odd += count & 1;
        row[place] = count >> 1;
      }
    }
    counted = (counted - (odd >> 2)) >> 1;
  }
  return {
    count(key) {
      let isCounted = false;
      for (const [i, row] of rows.entries()) {
        const place = placeOf(key, i);
        const count = row[place] as number;
        if (count === MAX_FREQUENCY) continue;
        row[place] = count + 1;
        isCounted = true;
      }
      if (isCounted && ++counted === sampleSize) halve();
    },
    of: (key) => Math.min(...rows.map((row, i) => row[placeOf(key, i)] as number)),
  };
}
