/**
 * Newline-delimited JSON decoder: bytes in, one event a line out. Does not read what a line says; blank lines are none.
 * Invariant: however the bytes are cut, the same events come out.
 */
import type { EventDecoder, StreamEvent } from './event-decoder.js';
import { LineReader } from './line-reader.js';

/** `source` names the sender in the error that ends a stream with a line of more than `maxEventBytes`. */
export function createNdjsonDecoder(source: string, maxEventBytes: number): EventDecoder {
  let events: StreamEvent[] = [];
  const lines = new LineReader(source, maxEventBytes, (bytes, start, end) => {
    const data = bytes.toString('utf8', start, end).trim();
    if (data !== '') events.push({ event: 'message', data });
  });
  function takeEvents(): readonly StreamEvent[] {
    const taken = events;
    events = [];
    return taken;
  }
  return {
    push(bytes) {
      lines.push(bytes);
      return takeEvents();
    },
    flush() {
      lines.flush();
      return takeEvents();
    },
  };
}
