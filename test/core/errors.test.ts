import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import * as errors from '../../src/core/errors.js';
import { Secret } from '../../src/core/secret.js';

test('each guard knows its own class and only that', () => {
  const cases = [
    [errors.isConfigError, new errors.ConfigError('cache options', [])],
    [errors.isCacheError, new errors.CacheError('x')],
    [errors.isRateLimitError, new errors.RateLimitError('x')],
    [errors.isCircuitOpenError, new errors.CircuitOpenError('x')],
    [errors.isDeadlineError, new errors.DeadlineError('x', { kind: 'idle', afterMs: 1 })],
    [errors.isStreamTruncatedError, new errors.StreamTruncatedError('x')],
    [errors.isQueueFullError, new errors.QueueFullError('x')],
    [errors.isBudgetError, new errors.BudgetError('x')],
    [errors.isClosedError, new errors.ClosedError('x')],
  ] as const;
  for (const [guard, own] of cases) {
    expect(cases.filter(([, error]) => guard(error)).map(([, error]) => error)).toEqual([own]);
    expect(errors.isSherdError(own)).toBe(true);
  }
});

test('a guard knows an error of another copy of the package', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('sherd.error')]: 'CacheError' });
  expect(errors.isCacheError(foreign)).toBe(true);
  expect(errors.isCacheError(new Error('x'))).toBe(false);
  expect(errors.isCacheError(null)).toBe(false);
});

test('the kinds of a provider error are provider errors', () => {
  expect(errors.isProviderError(new errors.RateLimitError('x'))).toBe(true);
  expect(errors.isProviderError(new errors.StreamTruncatedError('x'))).toBe(true);
  expect(errors.isProviderError(new errors.ProviderError('x'))).toBe(true);
  expect(errors.isProviderError(new errors.CacheError('x'))).toBe(false);
});

test('a secret does not print, and gives itself only when asked', () => {
  const secret = new Secret('sk-canary');
  const printed = `${secret} ${JSON.stringify({ secret })} ${inspect({ secret }, { depth: 9, showHidden: true })}`;
  expect(printed).not.toContain('canary');
  expect(secret.reveal()).toBe('sk-canary');
});
