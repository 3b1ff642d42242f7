/** What an asynchronous iterator gives, as a Map. */
export async function mapOf<K, V>(entries: AsyncIterable<readonly [K, V]>): Promise<Map<K, V>> {
  const map = new Map<K, V>();
  for await (const [key, value] of entries) map.set(key, value);
  return map;
}
