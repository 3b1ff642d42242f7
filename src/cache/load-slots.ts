/** Bounds how many loads run at once in each shard; the others wait in order. Invariant: running <= limit in every shard. */

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

export class LoadSlots {
  readonly #lanes = new Map<number, Lane>();
  #limit: number;
  /** Loads that had to wait, since the start. */
  waits = 0;

  /** `limit` 0 is no bound. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A higher limit lets waiting loads start at once. */
  setLimit(limit: number): void {
    this.#limit = limit;
    for (const lane of this.#lanes.values()) this.#admit(lane);
  }

  /** Resolves when a slot of the shard is free; the caller must call the release it gets, once. Rejects with the abort's reason. */
  async acquire(shard: number, signal: AbortSignal): Promise<() => void> {
    const lane = this.#lanes.get(shard) ?? { running: 0, waiting: [] };
    this.#lanes.set(shard, lane);
    if (this.#hasRoom(lane)) lane.running++;
    else await this.#wait(lane, signal);
    return () => {
      lane.running--;
      this.#admit(lane);
      if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(shard);
    };
  }

  #hasRoom(lane: Lane): boolean {
    return this.#limit === 0 || lane.running < this.#limit;
  }

  #admit(lane: Lane): void {
    while (lane.waiting.length > 0 && this.#hasRoom(lane)) {
      lane.running++;
      lane.waiting.shift()?.();
    }
  }

  #wait(lane: Lane, signal: AbortSignal): Promise<void> {
    this.waits++;
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        lane.waiting.splice(lane.waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      lane.waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
