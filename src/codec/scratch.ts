/**
 * Memory for bytes that live until the next call only: one buffer that is used again and again, because to allocate one
 * for each value would cost more than to fill it. It grows by doubling up to a bound, so that one large value does not
 * hold memory forever.
 */
export class Scratch {
  readonly #maxBytes: number;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** So many bytes of arbitrary content; beyond the bound they are newly allocated. */
  take(length: number): Buffer {
    if (length > this.#maxBytes) return Buffer.allocUnsafeSlow(length);
    if (length > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(Math.min(this.#maxBytes, Math.max(length, 2 * this.#buffer.length)));
    }
    return this.#buffer.subarray(0, length);
  }
}
