/** What the garbage collector does to a process: pauses, their share of the time, and the heap it leaves. */
import { PerformanceObserver } from 'node:perf_hooks';

export class GarbageLog {
  constructor() {
    this.startMs = performance.now();
    this.count = 0;
    this.totalMs = 0;
    this.longestMs = 0;
    this.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        this.count++;
        this.totalMs += duration;
        this.longestMs = Math.max(this.longestMs, duration);
      }
    });
    this.observer.observe({ entryTypes: ['gc'] });
  }

  /** Ends the watch. */
  stop() {
    this.observer.disconnect();
    const elapsedMs = performance.now() - this.startMs;
    return { collections: this.count, share: this.totalMs / elapsedMs, longestMs: this.longestMs };
  }
}

/** Bytes in use after a full collection; the process needs --expose-gc. */
export function heapAfterCollection() {
  const collect = /** @type {{ gc?: () => void }} */ (globalThis).gc;
  if (collect === undefined) throw new Error('the process was started without --expose-gc');
  collect();
  return process.memoryUsage();
}
