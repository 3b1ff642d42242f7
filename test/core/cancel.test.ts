import { describe, expect, test, vi } from 'vitest';
import { Canceller } from '../../src/core/cancel.js';
import { fc } from '../support/property.js';

describe('a canceller', () => {
  test('tells its listeners once, in the order they came, with the first reason', () => {
    const canceller = new Canceller();
    const told: string[] = [];
    canceller.signal.addEventListener('abort', () => told.push('a'));
    canceller.signal.addEventListener('abort', () => told.push('b'));
    canceller.abort('first');
    canceller.abort('second');
    expect([told, canceller.aborted, canceller.reason]).toEqual([['a', 'b'], true, 'first']);
    expect(() => canceller.throwIfAborted()).toThrow('first');
  });

  test('adds nobody twice, and nobody once it has aborted', () => {
    const canceller = new Canceller();
    const listener = vi.fn();
    canceller.addEventListener('abort', listener);
    canceller.addEventListener('abort', listener);
    canceller.abort(0);
    canceller.addEventListener('abort', listener);
    canceller.abort(1);
    expect(listener).toHaveBeenCalledTimes(1);
  });

  test('does not run a listener that another removed during the abort', () => {
    const canceller = new Canceller();
    const second = vi.fn();
    canceller.addEventListener('abort', () => canceller.removeEventListener('abort', second));
    canceller.addEventListener('abort', second);
    canceller.abort('x');
    expect(second).not.toHaveBeenCalled();
  });

  test('gives foreign code one real AbortSignal, before or after the abort', () => {
    const [early, late] = [new Canceller(), new Canceller()];
    const signal = early.toAbortSignal();
    expect([signal instanceof AbortSignal, signal.aborted, early.toAbortSignal() === signal]).toEqual([
      true,
      false,
      true,
    ]);
    const reason = { why: 'enough' };
    early.abort(reason);
    late.abort(reason);
    expect([signal.reason, late.toAbortSignal().reason]).toEqual([reason, reason]);
  });

  test('behaves as an AbortSignal does under any order of additions, removals and aborts', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), who: fc.nat(4) }),
      fc.record({ kind: fc.constant('remove' as const), who: fc.nat(4) }),
      fc.record({ kind: fc.constant('abort' as const), who: fc.nat(4) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const runs = [new AbortController(), new Canceller()].map((aborter) => {
          const told: number[] = [];
          const listeners = [0, 1, 2, 3, 4].map((who) => () => void told.push(who));
          for (const { kind, who } of steps) {
            const listener = listeners[who] as () => void;
            if (kind === 'add') aborter.signal.addEventListener('abort', listener, { once: true });
            else if (kind === 'remove') aborter.signal.removeEventListener('abort', listener);
            else aborter.abort(who);
          }
          return { told, aborted: aborter.signal.aborted, reason: aborter.signal.reason as unknown };
        });
        expect(runs[1]).toEqual(runs[0]);
      }),
    );
  });
});
