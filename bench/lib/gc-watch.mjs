/** Garbage collections of this process as intervals of performance.now() in which the program stood still. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ startMs: number, endMs: number }} Pause */

export class GcWatch {
  constructor() {
    /** @type {Pause[]} */
    this.pauses = [];
    this.observer = new PerformanceObserver((list) => this.add(list.getEntries()));
    this.observer.observe({ entryTypes: ['gc'] });
  }

  /** Stops watching; resolves to all pauses, in order of time. */
  async stop() {
    // Entries are handed out in a later turn of the event loop.
    await sleep(20);
    this.add(this.observer.takeRecords());
    this.observer.disconnect();
    return this.pauses.sort((a, b) => a.startMs - b.startMs);
  }

  /** @param {readonly { startTime: number, duration: number }[]} entries */
  add(entries) {
    for (const { startTime, duration } of entries) this.pauses.push({ startMs: startTime, endMs: startTime + duration });
  }
}
