/** A Map of strings to anything that stays quick however large it grows: it is kept in parts, see KeyParts. */
import { KeyParts, type PartKind } from './key-parts.js';

const MAPS: PartKind<Map<string, unknown>> = {
  create: () => new Map(),
  copy: (key, from, to) => void to.set(key, from.get(key)),
};

export class PartedMap<V> {
  // A part of the shared kind starts empty, so it may be a Map to V.
  private readonly parts: KeyParts<Map<string, V>> = new KeyParts(MAPS as PartKind<Map<string, V>>);

  get size(): number {
    return this.parts.size;
  }

  get(key: string): V | undefined {
    return this.parts.of(key).get(key);
  }

  has(key: string): boolean {
    return this.parts.of(key).has(key);
  }

  set(key: string, value: V): void {
    const part = this.parts.of(key);
    const before = part.size;
    part.set(key, value);
    if (part.size > before) this.parts.added(key, part);
  }

  delete(key: string): boolean {
    return this.parts.delete(key);
  }

  /** The value of a key, which goes. */
  take(key: string): V | undefined {
    const value = this.parts.of(key).get(key);
    if (value !== undefined) this.parts.delete(key);
    return value;
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
