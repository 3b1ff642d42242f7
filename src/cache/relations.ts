/**
 * Which entries carry which tag, and which were made from which. Knows keys only. There may be as many of them as
 * entries, so all are kept in parts.
 * Invariant: a key has its tags and sources as long as its entry is there, or something made from it: a change passes
 * links that have left. Whoever removes an entry calls leave() or forget().
 */
import { PartedMap } from '../structures/parted-map.js';
import { PartedSet } from '../structures/parted-set.js';

interface Tags {
  readonly names: readonly string[];
  /** Members of each, the key among them. */
  readonly sets: readonly PartedSet[];
}

export class Relations {
  /** Members of each tag. An entry holds the very sets it is in, so a tag taken out for invalidation shrinks as keys are set anew. */
  readonly #members = new PartedMap<PartedSet>();
  readonly #tagsOfKey = new PartedMap<Tags>();
  readonly #dependents = new PartedMap<PartedSet>();
  readonly #sourcesOfKey = new PartedMap<PartedSet>();
  /** Keys whose entries left unchanged while something made from them stays. */
  readonly #departed = new PartedSet();

  /** False while nothing was ever related: the cache then skips all of this. */
  get isEmpty(): boolean {
    return this.#tagsOfKey.size === 0 && this.#dependents.size === 0;
  }

  tag(key: string, tags: readonly string[]): void {
    const names = [...new Set(tags)];
    const sets = names.map((name) => addTo(this.#members, name, key));
    this.#tagsOfKey.set(key, { names, sets });
  }

  /** Takes a tag out of the index and gives its members: a live set that loses a key when the key is set anew or removed. */
  takeTag(tag: string): PartedSet {
    const members = this.#members.get(tag) ?? new PartedSet();
    this.#members.delete(tag);
    return members;
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
      const sources = this.#sourcesOfKey.get(next);
      this.#sourcesOfKey.delete(next);
      for (const source of keysOf(sources)) {
        const dependents = this.#dependents.get(source);
        dependents?.delete(next);
        if (dependents?.size === 0) this.#dependents.delete(source);
        // When nothing that was made from it is left, what it was made from is of no concern any more.
        if (this.#departed.has(source) && !this.#hasLiveDependent(source)) unlinked.push(source);
      }
    }
  }

  /** Forgets all. O(1). Sets that were taken keep their keys. */
  clear(): void {
    this.#members.clear();
    this.#tagsOfKey.clear();
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

  #untag(key: string): void {
    const tags = this.#tagsOfKey.get(key);
    if (tags === undefined) return;
    this.#tagsOfKey.delete(key);
    tags.sets.forEach((members, i) => {
      members.delete(key);
      const name = tags.names[i] as string;
      if (members.size === 0 && this.#members.get(name) === members) this.#members.delete(name);
    });
  }
}

/** The set of `name`, with `key` in it. */
function addTo(index: PartedMap<PartedSet>, name: string, key: string): PartedSet {
  let keys = index.get(name);
  if (keys === undefined) {
    keys = new PartedSet();
    index.set(name, keys);
  }
  keys.add(key);
  return keys;
}

function keysOf(keys: PartedSet | undefined): Iterable<string> {
  return keys === undefined ? [] : keys.keys();
}
