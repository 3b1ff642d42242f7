/**
 * Bytes to lines: ends are LF, CR or CRLF, wherever the bytes are cut. A line is handed on as a range of a buffer, so that
 * lines nobody wants are never decoded. Invariant: however the bytes are cut, the same lines come out.
 */
import { ProviderError } from '../core/errors.js';

/** Sees each line without its end, and without the byte order mark of the first; the range is valid during the call only. */
export type LineVisitor = (bytes: Buffer, start: number, end: number) => void;

const LF = 0x0a;
const CR = 0x0d;
const EMPTY = Buffer.alloc(0);
/** A buffer for unfinished lines that is kept for the next one: a long line is rare, and its buffer is not held on to. */
const KEPT_BYTES = 64 * 1024;

export class LineReader {
  readonly #source: string;
  readonly #maxBytes: number;
  readonly #visit: LineVisitor;
  /** The unfinished line: its bytes are `#carry[0, #carryLength)`. Grows by doubling, so tiny pieces stay O(bytes). */
  #carry: Buffer = EMPTY;
  #carryLength = 0;
  #skipLineFeed = false;
  #isFirstLine = true;

  /** `source` names the sender in the error that ends a stream with an oversized line. */
  constructor(source: string, maxBytes: number, visit: LineVisitor) {
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#visit = visit;
  }

  /** O(bytes). Throws a ProviderError for a line of more than the most bytes. */
  push(bytes: Uint8Array): void {
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    if (this.#skipLineFeed && chunk.length > 0) {
      this.#skipLineFeed = false;
      if (chunk[0] === LF) start = 1;
    }
    let lineFeed = find(chunk, LF, start);
    let carriageReturn = find(chunk, CR, start);
    while (lineFeed !== Infinity || carriageReturn !== Infinity) {
      const end = Math.min(lineFeed, carriageReturn);
      this.#endLine(chunk, start, end);
      start = end + 1;
      if (end === carriageReturn) {
        if (start === chunk.length) this.#skipLineFeed = true;
        else if (chunk[start] === LF) start++;
        carriageReturn = find(chunk, CR, start);
      }
      if (lineFeed < start) lineFeed = find(chunk, LF, start);
    }
    if (start < chunk.length) this.#keep(chunk, start, chunk.length);
  }

  /** The line that lacked its end, if there is one. */
  flush(): void {
    if (this.#carryLength > 0) this.#endLine(EMPTY, 0, 0);
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = this.#carryLength + end - start;
    assertEventSize(length, this.#maxBytes, this.#source);
    if (length > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#carry.length * 2, 256));
      this.#carry.copy(grown, 0, 0, this.#carryLength);
      this.#carry = grown;
    }
    chunk.copy(this.#carry, this.#carryLength, start, end);
    this.#carryLength = length;
  }

  #endLine(chunk: Buffer, start: number, end: number): void {
    if (this.#carryLength === 0) {
      this.#take(chunk, start, end);
      return;
    }
    this.#keep(chunk, start, end);
    const length = this.#carryLength;
    this.#carryLength = 0;
    const line = this.#carry;
    if (line.length > KEPT_BYTES) this.#carry = EMPTY;
    this.#take(line, 0, length);
  }

  #take(bytes: Buffer, from: number, end: number): void {
    let start = from;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
    }
    this.#visit(bytes, start, end);
  }
}

/** Throws a ProviderError of code ERR_PROVIDER_EVENT_TOO_LARGE. */
export function assertEventSize(bytes: number, maxBytes: number, source: string): void {
  if (bytes <= maxBytes) return;
  throw new ProviderError(`${source} sent an event of more than ${maxBytes} bytes`, {
    code: 'ERR_PROVIDER_EVENT_TOO_LARGE',
    provider: source,
  });
}

function find(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? Infinity : at;
}
