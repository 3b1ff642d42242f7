/**
 * Consistent hashing by slots: which shard has which of 2^14 hash slots, for any number of shards. A key's slot never
 * changes; one more shard takes an equal part of every other one's slots, and no slot moves between the others.
 * Invariant: of any number of shards, none has more than one slot more than another.
 * Karger et al., Consistent hashing and random trees, 1997; the fixed slots are those of Redis Cluster.
 */

const SLOT_BITS = 14;
export const HASH_SLOTS: number = 2 ** SLOT_BITS;

/** The shard of each slot. Each number of shards follows from the one below it. O(slots x log slots). */
export function consistentLayout(shardCount: number): Uint16Array {
  // In this order a shard gives away slots that lie apart, so that neighbouring hashes part.
  const slotsOf: number[][] = [Array.from({ length: HASH_SLOTS }, (_, i) => reverseBits(i))];
  // Round after round, each shard that has the most gives one.
  let most = HASH_SLOTS;
  let giver = 0;
  while (slotsOf.length < shardCount) {
    const taken: number[] = [];
    const fair = Math.floor(HASH_SLOTS / (slotsOf.length + 1));
    while (taken.length < fair) {
      const slots = slotsOf[giver] as number[];
      if (slots.length === most) taken.push(slots.pop() as number);
      if (++giver < slotsOf.length) continue;
      giver = 0;
      most--;
    }
    slotsOf.push(taken);
  }
  const shardOfSlot = new Uint16Array(HASH_SLOTS);
  for (const [shard, slots] of slotsOf.entries()) for (const slot of slots) shardOfSlot[slot] = shard;
  return shardOfSlot;
}

/** The bits of a slot number in reverse order: ever larger halves change places. */
function reverseBits(value: number): number {
  let bits = ((value >>> 1) & 0x5555) | ((value & 0x5555) << 1);
  bits = ((bits >>> 2) & 0x3333) | ((bits & 0x3333) << 2);
  bits = ((bits >>> 4) & 0x0f0f) | ((bits & 0x0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff) | ((bits & 0x00ff) << 8);
  return bits >>> (16 - SLOT_BITS);
}
