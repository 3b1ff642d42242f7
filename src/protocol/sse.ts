/**
 * Server-sent events decoder: bytes in, events out (WHATWG HTML §9.2.6). Knows nothing of JSON or of any vendor.
 * Invariant: however the bytes are cut, the same events come out. `id` and `retry` serve reconnection, which a
 * completion stream does not have, so both are read over.
 */
import type { EventDecoder, StreamEvent } from './event-decoder.js';
import { assertEventSize, LineReader } from './line-reader.js';

/** `source` names the sender in the error that ends a stream with an event of more than `maxEventBytes`. */
export function createSseDecoder(source: string, maxEventBytes: number): EventDecoder {
  return new SseDecoder(source, maxEventBytes);
}

const COLON = 0x3a;
const SPACE = 0x20;
const NO_EVENTS: readonly StreamEvent[] = Object.freeze([]);

class SseDecoder implements EventDecoder {
  readonly #source: string;
  readonly #maxEventBytes: number;
  readonly #lines: LineReader;
  #event = 'message';
  /** Undefined until a data line came: an event without one is not reported. */
  #data: string | undefined = undefined;
  #dataBytes = 0;
  #events: StreamEvent[] = [];

  constructor(source: string, maxEventBytes: number) {
    this.#source = source;
    this.#maxEventBytes = maxEventBytes;
    this.#lines = new LineReader(source, maxEventBytes, (bytes, start, end) => this.#readLine(bytes, start, end));
  }

  push(bytes: Uint8Array): readonly StreamEvent[] {
    this.#lines.push(bytes);
    return this.#takeEvents();
  }

  flush(): readonly StreamEvent[] {
    this.#lines.flush();
    this.#dispatch();
    return this.#takeEvents();
  }

  #takeEvents(): readonly StreamEvent[] {
    if (this.#events.length === 0) return NO_EVENTS;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #readLine(bytes: Buffer, start: number, end: number): void {
    if (start === end) {
      this.#dispatch();
      return;
    }
    if (hasField(bytes, start, end, 'data')) {
      const valueStart = afterColon(bytes, start + 4, end);
      this.#dataBytes += end - valueStart;
      assertEventSize(this.#dataBytes, this.#maxEventBytes, this.#source);
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
