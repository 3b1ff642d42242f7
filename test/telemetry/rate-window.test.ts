import { describe, expect, test } from 'vitest';
import { RateWindow } from '../../src/telemetry/rate-window.js';
import { fc } from '../support/property.js';

describe('rate window', () => {
  test('a steady stream shows its rate, early and late', () => {
    const window = new RateWindow(500);
    for (let ms = 500; ms < 300_500; ms += 10) {
      window.record(ms);
      if (ms === 3_490) expect(window.perSecond(3_500)).toBe(100);
    }
    expect(window.perSecond(300_499)).toBeCloseTo(100, 0);
  });

  test('a first event does not look like a storm', () => {
    const window = new RateWindow(0);
    window.record(1);
    expect(window.perSecond(2)).toBe(1);
  });

  test('events older than a minute are forgotten', () => {
    const window = new RateWindow(0);
    window.record(0, 600);
    expect(window.total(59_999)).toBe(600);
    expect(window.total(60_000)).toBe(0);
    expect(window.perSecond(10_000_000)).toBe(0);
  });

  test('the total is that of a list of all events', () => {
    const anyEvents = fc.array(
      fc.record({ gapMs: fc.oneof(fc.nat(50), fc.nat(5_000), fc.nat(200_000)), amount: fc.nat(1_000) }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(fc.nat(1_000_000), anyEvents, (startMs, events) => {
        const window = new RateWindow(startMs);
        const seconds: { second: number; amount: number }[] = [];
        let nowMs = startMs;
        for (const { gapMs, amount } of events) {
          nowMs += gapMs;
          window.record(nowMs, amount);
          const second = Math.floor((nowMs - startMs) / 1000);
          seconds.push({ second, amount });
          const recent = seconds.filter((event) => event.second > second - 60);
          expect(window.total(nowMs)).toBe(recent.reduce((sum, event) => sum + event.amount, 0));
        }
      }),
    );
  });
});
