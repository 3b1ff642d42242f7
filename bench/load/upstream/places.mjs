/** Places at the stub of a provider: so many answers at once, a line before them, first come first served. */

export class Places {
  /**
   * @param {number} size
   * @param {number} backlog who may wait
   */
  constructor(size, backlog) {
    this.free = size;
    this.backlog = backlog;
    /** @type {Set<(hasPlace: boolean) => void>} */
    this.waiting = new Set();
  }

  /**
   * True: has a place. False: the line was full, or `left` aborted before its end.
   * @param {AbortSignal} left
   * @returns {Promise<boolean>}
   */
  async enter(left) {
    if (left.aborted) return false;
    if (this.free > 0) {
      this.free--;
      return true;
    }
    if (this.waiting.size >= this.backlog) return false;
    return new Promise((resolve) => {
      const settle = (/** @type {boolean} */ hasPlace) => {
        this.waiting.delete(settle);
        left.removeEventListener('abort', leave);
        resolve(hasPlace);
      };
      const leave = () => settle(false);
      left.addEventListener('abort', leave);
      this.waiting.add(settle);
    });
  }

  /** Gives a place back: to the first in line. */
  leave() {
    const [next] = this.waiting;
    if (next === undefined) this.free++;
    else next(true);
  }
}
