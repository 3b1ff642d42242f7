/**
 * Keys kept in parts, so that no operation waits for many of them: V8 copies the whole of a Map or Set when it grows or
 * shrinks. A burst trie (Heinz, Zobel, Williams 2002) over the bits of the keys' hashes: it begins as one part, and a
 * part that becomes too large makes way for a branch of smaller ones. A trie that has become empty begins anew.
 * Invariant: a key is in the part that its hash leads to. Keys of one hash stay together, however many.
 */
import { mix32 } from '../core/hash.js';

/** A Map or a Set. */
interface Part {
  readonly size: number;
  has(key: string): boolean;
  delete(key: string): boolean;
  keys(): IterableIterator<string>;
}

/** What a part is. Shared by all tries of that kind. */
export interface PartKind<P extends Part> {
  create(): P;
  /** Puts what `from` holds under `key` into `to`. */
  copy(key: string, from: P, to: P): void;
}

type Node<P> = P | Branch<P>;
interface Branch<P> extends Array<Node<P>> {}

/** Keys of a part beyond which it bursts. */
const PART_KEYS = 4096;
/** Bits of the hash that choose among the children of a branch. */
const BRANCH_BITS = 4;
const BRANCH_MASK = 2 ** BRANCH_BITS - 1;
const HASH_BITS = 32;
/** Of long keys so many characters are read at the end, and so many before. */
const MAX_READ = 64;
const FNV_PRIME = 0x01000193;

export class KeyParts<P extends Part> {
  size = 0;
  private root: Node<P>;
  private readonly kind: PartKind<P>;

  constructor(kind: PartKind<P>) {
    this.kind = kind;
    this.root = kind.create();
  }

  /** The part in which a key is, or would be. O(log size). */
  of(key: string): P {
    let node = this.root;
    if (!Array.isArray(node)) return node;
    for (let hash = hashOf(key); Array.isArray(node); hash >>>= BRANCH_BITS) node = node[hash & BRANCH_MASK] as Node<P>;
    return node;
  }

  /** To be called when a key has been put into its part that was not there before. O(PART_KEYS) at most. */
  added(key: string, part: P): void {
    this.size++;
    if (part.size > PART_KEYS) this.burst(key, part);
  }

  delete(key: string): boolean {
    if (!this.of(key).delete(key)) return false;
    if (--this.size === 0) this.root = this.kind.create();
    return true;
  }

  /** O(1). */
  clear(): void {
    this.size = 0;
    this.root = this.kind.create();
  }

  /**
   * Each key that is there now and stays, once; one that comes or leaves on the way may be among them. The order is
   * that of insertion while there is one part, and any from then on.
   */
  *keys(): IterableIterator<string> {
    for (const part of this.parts()) yield* part.keys();
  }

  /** Keys in each part. O(parts); for checks. */
  partSizes(): number[] {
    return Array.from(this.parts(), (part) => part.size);
  }

  private *parts(): IterableIterator<P> {
    const ahead: Node<P>[] = [this.root];
    for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
      if (Array.isArray(node)) ahead.push(...node);
      else yield node;
    }
  }

  /** Puts a branch in the place of the part in which `key` is. A walk that stands in that part goes on in it. */
  private burst(key: string, part: P): void {
    let parent: Branch<P> | undefined;
    let shift = 0;
    const hash = hashOf(key);
    for (let node = this.root; Array.isArray(node); shift += BRANCH_BITS) {
      parent = node;
      node = node[(hash >>> shift) & BRANCH_MASK] as Node<P>;
    }
    if (shift >= HASH_BITS) return;
    const branch = Array.from({ length: 2 ** BRANCH_BITS }, () => this.kind.create());
    for (const each of part.keys()) {
      this.kind.copy(each, part, branch[(hashOf(each) >>> shift) & BRANCH_MASK] as P);
    }
    if (parent === undefined) this.root = branch;
    else parent[(hash >>> (shift - BRANCH_BITS)) & BRANCH_MASK] = branch;
  }
}

/** A 32-bit hash of up to 2 x MAX_READ characters: the last ones, and others spread evenly. */
function hashOf(key: string): number {
  const { length } = key;
  const rest = Math.max(0, length - MAX_READ);
  const stride = Math.max(1, Math.ceil(rest / MAX_READ));
  let hash = length;
  for (let i = length - 1; i >= rest; i--) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
  for (let i = rest - 1; i >= 0; i -= stride) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
  return mix32(hash);
}
