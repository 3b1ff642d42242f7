/**
 * The event log: kept in memory for the figures, and written as one JSON object a line while the run goes on.
 * Invariant: the lines written, parsed again, give the same figures as the events kept.
 */
import { createHash } from 'node:crypto';
import { SherdError } from '../core/errors.js';
import type { DemoEvent } from './events.js';

/** An event that the log has not stamped yet. */
export type Unstamped = DemoEvent extends infer E ? (E extends DemoEvent ? Omit<E, 'atMs'> : never) : never;

export interface EventLog {
  /** Stamps the event with the milliseconds since the log was made, keeps it and writes it. */
  record(event: Unstamped): void;
  readonly events: readonly DemoEvent[];
  /** SHA-256 in hex of all that was written so far. */
  digest(): string;
}

/** A log whose time starts now. `nowMs` is monotonic; `write` is given each line with its end. */
export function createEventLog(nowMs: () => number, write: (line: string) => void): EventLog {
  const startMs = nowMs();
  const events: DemoEvent[] = [];
  const hash = createHash('sha256');
  return {
    record(unstamped) {
      const { kind, ...rest } = unstamped;
      // Stamping does not change the kind, so the event is of the union again.
      const event = { kind, atMs: toMicrosecond(nowMs() - startMs), ...rest } as DemoEvent;
      const line = `${JSON.stringify(event)}\n`;
      events.push(event);
      hash.update(line);
      write(line);
    },
    events,
    digest: () => hash.copy().digest('hex'),
  };
}

/** Milliseconds, to the microsecond: finer than that a latency is not worth telling. */
export function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The events of a written log. Throws ERR_EVENT_LOG_MALFORMED, naming the line. */
export function parseEventLog(text: string): readonly DemoEvent[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      const event = parseLine(line);
      if (event === undefined) {
        throw new SherdError(`expected an event in line ${i + 1} of the event log`, {
          code: 'ERR_EVENT_LOG_MALFORMED',
        });
      }
      return event;
    });
}

function parseLine(line: string): DemoEvent | undefined {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event !== 'object' || event === null) return undefined;
    const { kind, atMs } = event as { kind?: unknown; atMs?: unknown };
    // The log is our own writing; a field that was tampered with shows as a figure that differs.
    return typeof kind === 'string' && typeof atMs === 'number' ? (event as DemoEvent) : undefined;
  } catch {
    return undefined;
  }
}
