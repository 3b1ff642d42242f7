import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import * as errors from '../../src/core/errors.js';
import { Secret } from '../../src/core/secret.js';

test('each guard knows its own class and only that', () => {
  const samples = {
    isConfigError: new errors.ConfigError('cache options', []),
    isCacheError: new errors.CacheError('x'),
    isRateLimitError: new errors.RateLimitError('x'),
    isCircuitOpenError: new errors.CircuitOpenError('x'),
    isDeadlineError: new errors.DeadlineError('x', { kind: 'idle', afterMs: 1 }),
    isStreamTruncatedError: new errors.StreamTruncatedError('x'),
    isQueueFullError: new errors.QueueFullError('x'),
    isBudgetError: new errors.BudgetError('x'),
    isClosedError: new errors.ClosedError('x'),
  };
  for (const name of Object.keys(samples) as (keyof typeof samples)[]) {
    const known = Object.entries(samples)
      .filter(([, error]) => errors[name](error))
      .map(([key]) => key);
    expect(known).toEqual([name]);
    expect(errors.isSherdError(samples[name])).toBe(true);
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
