/** ARC (Megiddo, Modha, FAST 2003), figure 4: two LRU lists with ghosts behind each, and a target that adapts. */
import { createItem, type Item, Queue } from './queue.js';
import type { Simulator } from './simulator.js';

type List = 't1' | 't2' | 'b1' | 'b2';
interface ListedItem extends Item {
  list: List;
}

export function createArc(capacity: number): Simulator {
  const items = new Map<number, ListedItem>();
  const lists: Record<List, Queue<ListedItem>> = {
    t1: new Queue<ListedItem>(),
    t2: new Queue<ListedItem>(),
    b1: new Queue<ListedItem>(),
    b2: new Queue<ListedItem>(),
  };
  /** What t1 should hold. */
  let target = 0;

  function moveTo(list: List, item: ListedItem): void {
    lists[item.list].remove(item);
    item.list = list;
    lists[list].push(item);
  }
  function forgetOldest(list: List): void {
    items.delete(lists[list].shift().key);
  }
  function replace(isInB2: boolean): void {
    const { size } = lists.t1;
    if (size > 0 && (size > target || (isInB2 && size === target))) moveTo('b1', lists.t1.oldest as ListedItem);
    else moveTo('b2', lists.t2.oldest as ListedItem);
  }
  function insert(key: number): void {
    const recent = lists.t1.size + lists.b1.size;
    const all = recent + lists.t2.size + lists.b2.size;
    if (recent === capacity) {
      if (lists.t1.size < capacity) {
        forgetOldest('b1');
        replace(false);
      } else forgetOldest('t1');
    } else if (all >= capacity) {
      if (all === 2 * capacity) forgetOldest('b2');
      replace(false);
    }
    const item = { ...createItem(key), list: 't1' as List };
    items.set(key, item);
    lists.t1.push(item);
  }
  return {
    access(key) {
      const item = items.get(key);
      if (item === undefined) {
        insert(key);
        return false;
      }
      const { list } = item;
      if (list === 'b1') target = Math.min(capacity, target + Math.max(1, lists.b2.size / lists.b1.size));
      if (list === 'b2') target = Math.max(0, target - Math.max(1, lists.b1.size / lists.b2.size));
      if (list === 'b1' || list === 'b2') replace(list === 'b2');
      moveTo('t2', item);
      return list === 't1' || list === 't2';
    },
  };
}
