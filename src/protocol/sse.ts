/**
 * Server-sent events decoder: bytes in, events out (WHATWG HTML §9.2.6). Knows nothing of JSON or of any vendor.
 * Invariant: however the bytes are cut, the same events come out. `id` and `retry` serve reconnection, which a
 * completion stream does not have, so both are read over.
 */
import { ProviderError } from '../core/errors.js';

export interface ServerSentEvent {
  /** The `event:` field, 'message' when absent. */
  readonly event: string;
  /** The `data:` lines, joined by line feeds. */
  readonly data: string;
}

export interface SseDecoder {
  /** Takes the next bytes; returns the events they complete, often none. O(bytes). */
  push(bytes: Uint8Array): readonly ServerSentEvent[];
  /** Ends the input: returns the event that lacked its blank line or line end, if it had data. */
  flush(): readonly ServerSentEvent[];
}

/** Bytes an event may hold before the stream is refused; also the cap of a single line. */
export const MAX_EVENT_BYTES: number = 1024 * 1024;

/** `source` names the sender in the error that ends a stream with an oversized event. */
export function createSseDecoder(source: string, maxEventBytes: number = MAX_EVENT_BYTES): SseDecoder {
  return new IncrementalDecoder(source, maxEventBytes);
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const EMPTY = Buffer.alloc(0);
const NO_EVENTS: readonly ServerSentEvent[] = Object.freeze([]);

class IncrementalDecoder implements SseDecoder {
  readonly #source: string;
  readonly #maxEventBytes: number;
  /** The unfinished line: its bytes are `#carry[0, #carryLength)`. Grows by doubling, so tiny pieces stay O(bytes). */
  #carry: Buffer = EMPTY;
  #carryLength = 0;
  #skipLineFeed = false;
  #isFirstLine = true;
  #event = 'message';
  /** Undefined until a data line came: an event without one is not reported. */
  #data: string | undefined = undefined;
  #dataBytes = 0;
  #events: ServerSentEvent[] = [];

  constructor(source: string, maxEventBytes: number) {
    this.#source = source;
    this.#maxEventBytes = maxEventBytes;
  }

  push(bytes: Uint8Array): readonly ServerSentEvent[] {
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
    return this.#takeEvents();
  }

  flush(): readonly ServerSentEvent[] {
    if (this.#carryLength > 0) this.#endLine(EMPTY, 0, 0);
    this.#dispatch();
    return this.#takeEvents();
  }

  #takeEvents(): readonly ServerSentEvent[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #keep(chunk: Buffer, start: number, end: number): void {
    const length = this.#carryLength + end - start;
    this.#checkSize(length);
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
      this.#readLine(chunk, start, end);
      return;
    }
    this.#keep(chunk, start, end);
    const length = this.#carryLength;
    this.#carryLength = 0;
    this.#readLine(this.#carry, 0, length);
  }

  #readLine(bytes: Buffer, from: number, end: number): void {
    let start = from;
    if (this.#isFirstLine) {
      this.#isFirstLine = false;
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
    }
    if (start === end) {
      this.#dispatch();
      return;
    }
    if (hasField(bytes, start, end, 'data')) {
      const valueStart = afterColon(bytes, start + 4, end);
      this.#dataBytes += end - valueStart;
      this.#checkSize(this.#dataBytes);
      const value = bytes.toString('utf8', valueStart, end);
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    } else if (hasField(bytes, start, end, 'event')) {
      this.#event = bytes.toString('utf8', afterColon(bytes, start + 5, end), end) || 'message';
    }
  }

  #dispatch(): void {
    if (this.#data !== undefined) this.#events.push({ event: this.#event, data: this.#data });
    this.#event = 'message';
    this.#data = undefined;
    this.#dataBytes = 0;
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxEventBytes) return;
    throw new ProviderError(`${this.#source} sent an event of more than ${this.#maxEventBytes} bytes`, {
      code: 'ERR_PROVIDER_EVENT_TOO_LARGE',
      provider: this.#source,
    });
  }
}

function find(bytes: Buffer, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from);
  return at === -1 ? Infinity : at;
}

/** True when the line is the field's name, alone or followed by a colon. */
function hasField(bytes: Buffer, start: number, end: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (bytes[start + i] !== name.charCodeAt(i)) return false;
  }
  const after = start + name.length;
  return after === end || (after < end && bytes[after] === COLON);
}

function afterColon(bytes: Buffer, colon: number, end: number): number {
  return Math.min(bytes[colon + 1] === SPACE ? colon + 2 : colon + 1, end);
}
