/**
 * Work over a list, so many items at once. Items are begun in their order. Invariant: once a piece of work has failed none
 * is begun any more, and the outcome is told only when nothing is under way.
 */

/** Resolves when all is done; rejects with the first failure of `work`, or of `items` itself. O(items). */
export async function eachOf<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  let begun = 0;
  let failure: { readonly error: unknown } | undefined;
  async function workOn(): Promise<void> {
    try {
      while (failure === undefined) {
        const next = waiting.next();
        if (next.done === true) return;
        await work(next.value, begun++);
      }
    } catch (error) {
      failure ??= { error };
    }
  }
  await Promise.all(Array.from({ length: concurrency }, workOn));
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
}
