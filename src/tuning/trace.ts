/**
 * A trace in memory: which key was asked for, in which order, and when, as far as the file tells.
 * Invariant: every access is an index into `keys`, and `keys` holds no key twice.
 */

/** One access as a file holds it. */
export interface Access {
  readonly key: string;
  /** Milliseconds from an origin of the file's own; undefined where the format has no times. */
  readonly atMs: number | undefined;
}

export interface Trace {
  /** The distinct keys, by first access. */
  readonly keys: readonly string[];
  readonly accesses: Uint32Array;
  /** A time for each access, or undefined where the format has none. */
  readonly timesMs: Float64Array | undefined;
}

export interface TraceBuilder {
  add(access: Access): void;
  /** The trace of everything added so far. */
  build(): Trace;
}

const FIRST_ROOM = 1024;

/** Collects accesses into a trace: four bytes an access, twelve with times, beside each distinct key once. */
export function createTraceBuilder(): TraceBuilder {
  const indexes = new Map<string, number>();
  let accesses = new Uint32Array(FIRST_ROOM);
  let timesMs = new Float64Array(FIRST_ROOM);
  let length = 0;
  let isTimed = true;

  function grow(): void {
    const [oldAccesses, oldTimesMs] = [accesses, timesMs];
    accesses = new Uint32Array(length * 2);
    timesMs = new Float64Array(length * 2);
    accesses.set(oldAccesses);
    timesMs.set(oldTimesMs);
  }
  return {
    add({ key, atMs }) {
      if (length === accesses.length) grow();
      let index = indexes.get(key);
      if (index === undefined) {
        index = indexes.size;
        indexes.set(key, index);
      }
      if (atMs === undefined) isTimed = false;
      accesses[length] = index;
      timesMs[length] = atMs ?? 0;
      length++;
    },
    build: () => ({
      keys: [...indexes.keys()],
      accesses: accesses.slice(0, length),
      timesMs: isTimed ? timesMs.slice(0, length) : undefined,
    }),
  };
}
