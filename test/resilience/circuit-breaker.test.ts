import { describe, expect, test } from 'vitest';
import { isCircuitOpenError } from '../../src/core/errors.js';
import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitTransition,
} from '../../src/resilience/circuit-breaker.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

interface Subject {
  readonly clock: FakeClock;
  readonly breaker: CircuitBreaker;
  readonly transitions: CircuitTransition[];
}

function createSubject(options: Partial<CircuitBreakerOptions> = {}): Subject {
  const clock = createFakeClock({ startMs: 1_000 });
  const transitions: CircuitTransition[] = [];
  const breaker = new CircuitBreaker({ clock, onTransition: (transition) => transitions.push(transition), ...options });
  return { clock, breaker, transitions };
}

function fail(breaker: CircuitBreaker, times: number): void {
  for (let i = 0; i < times; i++) breaker.acquire().fail();
}

function refusal(breaker: CircuitBreaker): { code: string; retryAfterMs: number } {
  try {
    breaker.acquire();
  } catch (error) {
    if (isCircuitOpenError(error)) return { code: error.code, retryAfterMs: error.retryAfterMs };
  }
  throw new Error('the breaker gave a permit');
}

test('a permit is current until the circuit changes', () => {
  const { breaker, clock } = createSubject({ failureThreshold: 1, successThreshold: 1, resetTimeoutMs: 100 });
  const before = breaker.acquire();
  expect(before.isCurrent).toBe(true);
  fail(breaker, 1);
  expect(before.isCurrent).toBe(false);
  clock.advance(100);
  const probe = breaker.acquire();
  expect([before.isCurrent, probe.isCurrent]).toEqual([false, true]);
  probe.succeed();
  expect([before.isCurrent, probe.isCurrent]).toEqual([false, false]);
});

describe('closed', () => {
  test('it opens at the third failure in a row', () => {
    const { breaker } = createSubject();
    fail(breaker, 2);
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 2 });
    fail(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'open', untilMs: 6_000 });
  });

  test('a success ends the row', () => {
    const { breaker } = createSubject();
    fail(breaker, 2);
    breaker.acquire().succeed();
    fail(breaker, 2);
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 2 });
  });

  test('a released permit neither counts as failure nor ends the row', () => {
    const { breaker } = createSubject();
    fail(breaker, 2);
    breaker.acquire().release();
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 2 });
  });

  test('failures are forgotten after resetAfterMs without another', () => {
    const { breaker, clock } = createSubject();
    fail(breaker, 2);
    clock.advance(29_999);
    expect(breaker.state).toMatchObject({ failures: 2 });
    clock.advance(1);
    expect(breaker.state).toMatchObject({ failures: 0 });
    fail(breaker, 2);
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 2 });
  });

  test('only the first verb of a permit counts', () => {
    const { breaker } = createSubject();
    const permit = breaker.acquire();
    permit.fail();
    permit.fail();
    permit.fail();
    permit.succeed();
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 1 });
  });

  test('recordFailure counts like a failed call', () => {
    const { breaker } = createSubject({ failureThreshold: 2 });
    breaker.recordFailure();
    breaker.recordFailure();
    expect(breaker.state.kind).toBe('open');
  });
});

describe('closed, by rate', () => {
  const byRate = { mode: 'rate', failureRate: 0.5, minimumCalls: 10, windowMs: 60_000 } as const;
  const succeed = (breaker: CircuitBreaker, times: number): void => {
    for (let i = 0; i < times; i++) breaker.acquire().succeed();
  };

  test('it opens at the share of failures, in whatever order they come', () => {
    const { breaker } = createSubject(byRate);
    for (let i = 0; i < 4; i++) {
      fail(breaker, 1);
      succeed(breaker, 1);
    }
    succeed(breaker, 1);
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 4 });
    fail(breaker, 1);
    expect(breaker.state.kind).toBe('open');
  });

  test('it stays closed below minimumCalls, and below the share', () => {
    const { breaker } = createSubject(byRate);
    fail(breaker, 9);
    expect(breaker.state.kind).toBe('closed');
    const busy = createSubject(byRate).breaker;
    succeed(busy, 30);
    fail(busy, 29);
    expect(busy.state).toMatchObject({ kind: 'closed', failures: 29 });
    fail(busy, 1);
    expect(busy.state.kind).toBe('open');
  });

  test('a call counts no longer than the window', () => {
    const { breaker, clock } = createSubject(byRate);
    fail(breaker, 9);
    clock.advance(60_000);
    expect(breaker.state).toMatchObject({ failures: 0 });
    fail(breaker, 9);
    expect(breaker.state.kind).toBe('closed');
  });

  test('a released permit counts neither way', () => {
    const { breaker } = createSubject({ ...byRate, minimumCalls: 2 });
    fail(breaker, 1);
    breaker.acquire().release();
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 1 });
  });

  test('what was counted before the circuit opened does not count after it has closed', () => {
    const { breaker, clock } = createSubject(byRate);
    fail(breaker, 10);
    clock.advance(5_000);
    succeed(breaker, 2);
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 0 });
    fail(breaker, 9);
    expect(breaker.state.kind).toBe('closed');
  });

  test('its counts go on in another breaker', () => {
    const { breaker } = createSubject(byRate);
    fail(breaker, 4);
    succeed(breaker, 5);
    const other = createSubject(byRate).breaker;
    other.restore(JSON.parse(JSON.stringify(breaker.snapshot())));
    expect(other.state).toMatchObject({ kind: 'closed', failures: 4 });
    fail(other, 1);
    expect(other.state.kind).toBe('open');
  });
});

describe('open', () => {
  test('it refuses with the time left until the probe', () => {
    const { breaker, clock } = createSubject();
    fail(breaker, 3);
    clock.advance(1_500);
    expect(refusal(breaker)).toEqual({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: 3_500 });
  });

  test('late failures and recordFailure do not prolong it', () => {
    const { breaker, clock } = createSubject();
    const late = [breaker.acquire(), breaker.acquire()];
    fail(breaker, 3);
    clock.advance(4_000);
    for (const permit of late) permit.fail();
    breaker.recordFailure();
    expect(breaker.state).toMatchObject({ kind: 'open', untilMs: 6_000 });
  });

  test('a late success does not close it', () => {
    const { breaker } = createSubject();
    const late = breaker.acquire();
    fail(breaker, 3);
    late.succeed();
    expect(breaker.state.kind).toBe('open');
  });

  test('reset closes it at once', () => {
    const { breaker } = createSubject();
    fail(breaker, 3);
    breaker.reset();
    expect(breaker.state).toMatchObject({ kind: 'closed', failures: 0 });
    breaker.acquire().succeed();
  });
});

describe('half-open', () => {
  function createHalfOpen(options: Partial<CircuitBreakerOptions> = {}): Subject {
    const subject = createSubject(options);
    fail(subject.breaker, 3);
    subject.clock.advance(5_000);
    return subject;
  }

  test('exactly one of many concurrent callers gets the probe', () => {
    const { breaker } = createHalfOpen();
    breaker.acquire();
    for (let i = 0; i < 100; i++) expect(refusal(breaker).retryAfterMs).toBe(5_000);
  });

  test('it closes after successThreshold probes', () => {
    const { breaker } = createHalfOpen();
    breaker.acquire().succeed();
    expect(breaker.state).toMatchObject({ kind: 'half-open', successes: 1 });
    breaker.acquire().succeed();
    expect(breaker.state.kind).toBe('closed');
  });

  test('a failed probe opens it for a whole resetTimeoutMs again', () => {
    const { breaker, clock } = createHalfOpen();
    const probe = breaker.acquire();
    clock.advance(700);
    probe.fail();
    expect(breaker.state).toMatchObject({ kind: 'open', untilMs: clock.nowMs() + 5_000 });
  });

  test('a released probe gives its place to the next caller', () => {
    const { breaker } = createHalfOpen();
    breaker.acquire().release();
    breaker.acquire().succeed();
    expect(breaker.state).toMatchObject({ kind: 'half-open', successes: 1 });
  });

  test('a probe without a result gives up its place after probeTimeoutMs and no longer counts', () => {
    const { breaker, clock } = createHalfOpen({ probeTimeoutMs: 60_000 });
    const lost = breaker.acquire();
    clock.advance(59_999);
    refusal(breaker);
    clock.advance(1);
    const next = breaker.acquire();
    lost.fail();
    expect(breaker.state.kind).toBe('half-open');
    next.succeed();
    expect(breaker.state).toMatchObject({ kind: 'half-open', successes: 1 });
  });

  test('results of calls from before the outage move nothing', () => {
    const subject = createSubject();
    const before = [subject.breaker.acquire(), subject.breaker.acquire(), subject.breaker.acquire()];
    fail(subject.breaker, 3);
    subject.clock.advance(5_000);
    subject.breaker.acquire();
    before[0]?.succeed();
    before[1]?.fail();
    before[2]?.release();
    expect(subject.breaker.state).toMatchObject({ kind: 'half-open', successes: 0, probeSinceMs: 6_000 });
  });
});

test('onTransition tells each change of kind with its time, and nothing else', () => {
  const { breaker, clock, transitions } = createSubject({ successThreshold: 1 });
  fail(breaker, 3);
  clock.advance(5_000);
  breaker.acquire().fail();
  clock.advance(5_000);
  breaker.acquire().succeed();
  breaker.reset();
  expect(transitions).toEqual([
    { from: 'closed', to: 'open', atMs: 1_000 },
    { from: 'open', to: 'half-open', atMs: 6_000 },
    { from: 'half-open', to: 'open', atMs: 6_000 },
    { from: 'open', to: 'half-open', atMs: 11_000 },
    { from: 'half-open', to: 'closed', atMs: 11_000 },
  ]);
});

describe('snapshot and restore', () => {
  test('an open circuit keeps its remaining time through JSON and on another clock', () => {
    const { breaker, clock } = createSubject();
    fail(breaker, 3);
    clock.advance(2_000);
    const other = createSubject();
    other.clock.advance(500_000);
    other.breaker.restore(JSON.parse(JSON.stringify(breaker.snapshot())));
    expect(refusal(other.breaker).retryAfterMs).toBe(3_000);
    other.clock.advance(3_000);
    other.breaker.acquire();
    expect(other.breaker.state.kind).toBe('half-open');
  });

  test('a closed circuit keeps its failures and how long it has been quiet', () => {
    const { breaker, clock } = createSubject();
    fail(breaker, 2);
    clock.advance(10_000);
    const other = createSubject();
    other.breaker.restore(breaker.snapshot());
    other.clock.advance(19_999);
    expect(other.breaker.state).toMatchObject({ failures: 2 });
    other.clock.advance(1);
    expect(other.breaker.state).toMatchObject({ failures: 0 });
  });

  test('a half-open circuit keeps its successes and has no probe out', () => {
    const { breaker, clock } = createSubject({ successThreshold: 3 });
    fail(breaker, 3);
    clock.advance(5_000);
    breaker.acquire().succeed();
    breaker.acquire();
    const other = createSubject({ successThreshold: 3 });
    other.breaker.restore(breaker.snapshot());
    other.breaker.acquire().succeed();
    other.breaker.acquire().succeed();
    expect(other.breaker.state.kind).toBe('closed');
  });

  test('permits from before a restore no longer count', () => {
    const { breaker } = createSubject({ failureThreshold: 1 });
    const permit = breaker.acquire();
    breaker.restore({ kind: 'closed', failures: 0, quietMs: 0 });
    permit.fail();
    expect(breaker.state.kind).toBe('closed');
  });
});
