/** What a decoder of a stream is, whatever frames its events: server-sent events or lines of JSON. Types only. */

export interface StreamEvent {
  /** The name of the event, 'message' where it has none. */
  readonly event: string;
  readonly data: string;
}

export interface EventDecoder {
  /** Takes the next bytes; returns the events they complete, often none. O(bytes). */
  push(bytes: Uint8Array): readonly StreamEvent[];
  /** Ends the input: returns the event that lacked its end, if it had data. */
  flush(): readonly StreamEvent[];
}
