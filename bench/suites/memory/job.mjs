/**
 * Job: what one subject adds to the heap for each entry, full and after half of its entries were replaced. All key strings
 * ever used and the few values exist before the first measurement and live until the last, so they do not count.
 */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { settledBytes } from '../../lib/settled-bytes.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';

/** Share of the entries that churn replaces. */
const CHURN = 0.5;

/** @param {{ subject: string, size: number, shape: string }} options */
export async function prepare({ subject, size, shape }) {
  const { create } = subjectOf(subject);
  const values = Array.from({ length: 1024 }, (_, id) => ({ id }));
  const keys = new KeyMaker(shape).makeMany(size * (1 + CHURN));

  async function round() {
    const before = await settledBytes();
    const cache = await create(size);
    for (let i = 0; i < size; i++) cache.set(/** @type {string} */ (keys[i]), values[i & 1023]);
    const full = ((await settledBytes()) - before) / cache.size;
    for (let i = size; i < keys.length; i++) {
      // A Map evicts nothing: what others drop by themselves is deleted here.
      if (cache instanceof Map && cache.constructor === Map) cache.delete(/** @type {string} */ (keys[i - size]));
      cache.set(/** @type {string} */ (keys[i]), values[i & 1023]);
    }
    const churned = ((await settledBytes()) - before) / cache.size;
    return { full, churned, entries: cache.size, keys: keys.length };
  }
  return { round };
}
