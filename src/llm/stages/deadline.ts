/** The time of the whole call: one signal and one moment for everything below. */
import type { Clock } from '../../core/clock.js';
import { createDeadline } from '../../resilience/deadline.js';
import type { Call, Handler } from '../call.js';
import { type Reply, watchRest } from '../reply.js';

export function deadline(clock: Clock, next: Handler<Call>): Handler<Call> {
  async function limited(call: Call, timeoutMs: number): Promise<Reply> {
    const limit = createDeadline({ clock, timeoutMs, kind: 'total', signal: call.signal });
    const cause = (error: unknown): unknown => (limit.signal.aborted ? limit.signal.reason : error);
    try {
      const reply = await next({ ...call, signal: limit.signal, timeLimit: limit });
      return watchRest(reply, {
        onEnd(_outcome, error) {
          limit.dispose();
          return cause(error);
        },
      });
    } catch (error) {
      limit.dispose();
      throw cause(error);
    }
  }
  return (call) => {
    const { totalTimeoutMs } = call.settings;
    return totalTimeoutMs === undefined ? next(call) : limited(call, totalTimeoutMs);
  };
}
