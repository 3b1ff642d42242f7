/**
 * Which entries carry which tag, and which were made from which. Knows keys only. There may be as many of them as
 * entries, so all are kept in parts.
 * Invariant: a key has its tags and sources as long as its entry is there, or something made from it: a change passes
 * links that have left. Whoever removes an entry calls leave() or forget().
 */
import { KeyBag } from '../structures/key-bag.js';
import { PartedMap } from '../structures/parted-map.js';
import { PartedSet } from '../structures/parted-set.js';

interface Tag {
  readonly name: string;
  readonly members: KeyBag;
}

/** What a key carries: its tags, and its place among the members of each. */
interface Tagging {
  readonly tags: readonly Tag[];
  readonly places: readonly number[];
}

export class Relations {
  /** A key holds the very tags it carries, so the members of one that was taken out for invalidation go as keys are set anew. */
  readonly #tags = new PartedMap<Tag>();
  readonly #taggings = new PartedMap<Tagging>();
  readonly #dependents = new PartedMap<PartedSet>();
  readonly #sourcesOfKey = new PartedMap<PartedSet>();
  /** Keys whose entries left unchanged while something made from them stays. */
  readonly #departed = new PartedSet();

  /** False while nothing was ever related: the cache then skips all of this. */
  get isEmpty(): boolean {
    return this.#taggings.size === 0 && this.#dependents.size === 0;
  }

  /** Gives tags to a key that has none. */
  tag(key: string, names: readonly string[]): void {
    const tags = names.map((name) => this.#tagOf(name));
    this.#taggings.set(key, { tags, places: tags.map(({ members }) => members.add(key)) });
  }

  /** Takes a tag out of the index and gives its members: a live bag that loses a key when the key is set anew or removed. */
  takeTag(name: string): KeyBag {
    const members = this.#tags.take(name)?.members;
    return members ?? new KeyBag();
  }

  depend(key: string, source: string): void {
    addTo(this.#dependents, source, key);
    addTo(this.#sourcesOfKey, key, source);
  }

  /** The keys from which something was made, whether or not they have entries. */
  sources(): Iterable<string> {
    return this.#dependents.keys();
  }

  /** The keys made from `source`, directly. */
  dependentsOf(source: string): string[] {
    return [...keysOf(this.#dependents.get(source))];
  }

  /** The entry of `key` was evicted or has expired, which is not a change. What was made from it still hangs on its tags and sources. */
  leave(key: string): void {
    if (this.#hasLiveDependent(key)) this.#departed.add(key);
    else this.forget(key);
  }

  /** The entry of `key` is deleted or replaced: drops its tags and what it was made from, not what was made from it. */
  forget(key: string): void {
    const unlinked = [key];
    for (let next = unlinked.pop(); next !== undefined; next = unlinked.pop()) {
      this.#untag(next);
      this.#departed.delete(next);
      for (const source of keysOf(this.#sourcesOfKey.take(next))) {
        const dependents = this.#dependents.get(source);
        dependents?.delete(next);
        if (dependents?.size === 0) this.#dependents.delete(source);
        // When nothing that was made from it is left, what it was made from is of no concern any more.
        if (this.#departed.has(source) && !this.#hasLiveDependent(source)) unlinked.push(source);
      }
    }
  }

  /** Forgets all. O(1). Members that were taken stay. */
  clear(): void {
    this.#tags.clear();
    this.#taggings.clear();
    this.#dependents.clear();
    this.#sourcesOfKey.clear();
    this.#departed.clear();
  }

  /** Looks past the departed: a circle of them must not keep itself. O(departed keys that hang on `key`). */
  #hasLiveDependent(key: string): boolean {
    const seen = new Set([key]);
    for (const next of seen) {
      for (const dependent of keysOf(this.#dependents.get(next))) {
        if (!seen.has(dependent) && !this.#departed.has(dependent)) return true;
        seen.add(dependent);
      }
    }
    return false;
  }

  #tagOf(name: string): Tag {
    const known = this.#tags.get(name);
    if (known !== undefined) return known;
    const tag = { name, members: new KeyBag() };
    this.#tags.set(name, tag);
    return tag;
  }

  #untag(key: string): void {
    const tagging = this.#taggings.take(key);
    if (tagging === undefined) return;
    tagging.tags.forEach((tag, i) => {
      tag.members.remove(tagging.places[i] as number);
      if (tag.members.size === 0 && this.#tags.get(tag.name) === tag) this.#tags.delete(tag.name);
    });
  }
}

function addTo(index: PartedMap<PartedSet>, name: string, key: string): void {
  let keys = index.get(name);
  if (keys === undefined) {
    keys = new PartedSet();
    index.set(name, keys);
  }
  keys.add(key);
}

function keysOf(keys: PartedSet | undefined): Iterable<string> {
  return keys === undefined ? [] : keys.keys();
}
