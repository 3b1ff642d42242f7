/**
 * Which entries carry which tag, and which were made from which. Knows keys only.
 * Invariant: a key has its tags and sources as long as its entry is there, or something made from it: a change passes
 * links that have left. Whoever removes an entry calls leave() or forget().
 */

export class Relations {
  /** Members of each tag. An entry holds the very sets it is in, so a tag taken out for invalidation shrinks as keys are set anew. */
  readonly #members = new Map<string, Set<string>>();
  readonly #tagsOfKey = new Map<string, { readonly names: readonly string[]; readonly sets: readonly Set<string>[] }>();
  readonly #dependents = new Map<string, Set<string>>();
  readonly #sourcesOfKey = new Map<string, Set<string>>();
  /** Keys whose entries left unchanged while something made from them stays. */
  readonly #departed = new Set<string>();

  /** False while nothing was ever related: the cache then skips all of this. */
  get isEmpty(): boolean {
    return this.#tagsOfKey.size === 0 && this.#dependents.size === 0;
  }

  tag(key: string, tags: readonly string[]): void {
    const names = [...new Set(tags)];
    const sets = names.map((name) => {
      const members = this.#members.get(name) ?? new Set<string>();
      this.#members.set(name, members.add(key));
      return members;
    });
    this.#tagsOfKey.set(key, { names, sets });
  }

  /** Takes a tag out of the index and gives its members: a live set that loses a key when the key is set anew or removed. */
  takeTag(tag: string): Set<string> {
    const members = this.#members.get(tag) ?? new Set<string>();
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
    return [...(this.#dependents.get(source) ?? [])];
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
      const sources = this.#sourcesOfKey.get(next) ?? [];
      this.#sourcesOfKey.delete(next);
      for (const source of sources) {
        const dependents = this.#dependents.get(source);
        dependents?.delete(next);
        if (dependents?.size === 0) this.#dependents.delete(source);
        // When nothing that was made from it is left, what it was made from is of no concern any more.
        if (this.#departed.has(source) && !this.#hasLiveDependent(source)) unlinked.push(source);
      }
    }
  }

  clear(): void {
    for (const { sets } of this.#tagsOfKey.values()) for (const members of sets) members.clear();
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
      for (const dependent of this.#dependents.get(next) ?? []) {
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

function addTo(index: Map<string, Set<string>>, key: string, member: string): void {
  const members = index.get(key) ?? new Set<string>();
  index.set(key, members.add(member));
}
