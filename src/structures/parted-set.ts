/** A Set of strings that stays quick however large it grows: it is kept in parts, see KeyParts. */
import { KeyParts, type PartKind } from './key-parts.js';

const SETS: PartKind<Set<string>> = {
  create: () => new Set(),
  copy: (key, _from, to) => void to.add(key),
};

export class PartedSet {
  private readonly parts: KeyParts<Set<string>> = new KeyParts(SETS);

  get size(): number {
    return this.parts.size;
  }

  has(key: string): boolean {
    return this.parts.of(key).has(key);
  }

  add(key: string): void {
    const part = this.parts.of(key);
    const before = part.size;
    part.add(key);
    if (part.size > before) this.parts.added(key, part);
  }

  delete(key: string): boolean {
    return this.parts.delete(key);
  }

  clear(): void {
    this.parts.clear();
  }

  /** Each key that is there now and stays, once; one that comes or leaves on the way may be among them. */
  keys(): IterableIterator<string> {
    return this.parts.keys();
  }

  /** Keys in each part. O(parts); for checks. */
  partSizes(): number[] {
    return this.parts.partSizes();
  }
}
