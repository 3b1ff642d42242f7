/** A column of whole numbers from 0 to 2^53 - 1 in four bytes each; the few that need more stand in a Map. */
const WIDE = 0xffffffff;
const NONE_YET = /* @__PURE__ */ new Uint32Array(0);

export class WeightColumn {
  private narrow: Uint32Array = NONE_YET;
  private wide: Map<number, number> | undefined = undefined;

  /** Makes room for slots 0..slotCount-1; the new ones are 0. O(slotCount). */
  grow(slotCount: number): void {
    const grown = new Uint32Array(slotCount);
    grown.set(this.narrow);
    this.narrow = grown;
  }

  /** The number of a slot below the last `grow`. O(1). */
  get(slot: number): number {
    const value = this.narrow[slot] as number;
    return value === WIDE ? (this.wide?.get(slot) as number) : value;
  }

  set(slot: number, value: number): void {
    if (this.narrow[slot] === WIDE) this.wide?.delete(slot);
    if (value < WIDE) {
      this.narrow[slot] = value;
    } else {
      this.narrow[slot] = WIDE;
      this.wide ??= new Map();
      this.wide.set(slot, value);
    }
  }
}
