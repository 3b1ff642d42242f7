/** Job: a filled cache and full garbage collections that are forced on it. */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { collectGarbage } from '../../lib/settled-bytes.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';

/** @param {{ subject: string, size: number, valueBytes: number }} options */
export async function prepare({ subject, size, valueBytes }) {
  const cache = subject === 'nothing' ? undefined : await subjectOf(subject).create(size);
  const keys = new KeyMaker('random');
  const value = Buffer.alloc(valueBytes, 120);
  if (cache !== undefined) {
    // A string of its own for each entry, as answers are.
    for (let id = 0; id < size; id++) cache.set(keys.make(id), value.latin1Slice());
    if (cache.size !== size) throw new Error(`holds ${cache.size} of ${size} entries`);
  }
  for (let i = 0; i < 3; i++) collectGarbage();
  return {
    round() {
      const startMs = performance.now();
      collectGarbage();
      return { pauseMs: performance.now() - startMs, entries: cache?.size ?? 0 };
    },
  };
}
