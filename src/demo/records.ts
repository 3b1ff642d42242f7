/** Objects with one value for each of a list of keys. */

/** `{key: make(key)}` for every key. */
export function recordOf<K extends string, V>(keys: readonly K[], make: (key: K) => V): Readonly<Record<K, V>> {
  // Every key of K that was listed is there.
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, V>;
}
