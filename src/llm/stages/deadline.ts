/** The time of the whole call: one signal and one moment for everything below. */
import type { Clock } from '../../core/clock.js';
import type { Chunk } from '../../protocol/chat.js';
import { createDeadline } from '../../resilience/deadline.js';
import type { Call, Handler } from '../call.js';

export function deadline(clock: Clock, next: Handler<Call>): Handler<Call> {
  async function* limited(call: Call, timeoutMs: number): AsyncGenerator<Chunk, void, undefined> {
    const limit = createDeadline({ clock, timeoutMs, kind: 'total', signal: call.signal });
    try {
      yield* next({ ...call, signal: limit.signal, deadlineAtMs: limit.atMs });
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error;
    } finally {
      limit.dispose();
    }
  }
  return (call) => {
    const { totalTimeoutMs } = call.settings;
    return totalTimeoutMs === undefined ? next(call) : limited(call, totalTimeoutMs);
  };
}
