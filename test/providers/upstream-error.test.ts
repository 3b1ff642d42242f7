import { describe, expect, test } from 'vitest';
import { toUpstreamError, type UpstreamFailure } from '../../src/providers/upstream-error.js';
import { fc } from '../support/property.js';

function errorOf(changes: Partial<UpstreamFailure>): ReturnType<typeof toUpstreamError> {
  return toUpstreamError({
    provider: 'acme',
    status: 500,
    headers: {},
    requestId: undefined,
    detail: {},
    prompts: ['unrelated words'],
    secrets: [],
    wallMs: 0,
    ...changes,
  });
}

describe('an error inside a 200', () => {
  test.each([
    [{ type: 'overloaded_error' }, true, 'ProviderError'],
    [{ code: 'server_error' }, true, 'ProviderError'],
    [{ type: 'timeout' }, true, 'ProviderError'],
    [{ status: 503 }, true, 'ProviderError'],
    [{ status: 400, type: 'server_error' }, false, 'ProviderError'],
    [{ code: 'rate_limit_exceeded' }, true, 'RateLimitError'],
    [{ status: 429 }, true, 'RateLimitError'],
    [{ status: 429, code: 'insufficient_quota' }, false, 'RateLimitError'],
    [{ type: 'exceeded_current_quota_error' }, false, 'RateLimitError'],
    [{ type: 'invalid_request_error' }, false, 'ProviderError'],
    [{}, false, 'ProviderError'],
  ])('%j is worth a retry: %s', (detail, retryable, name) => {
    expect(errorOf({ status: 200, detail, headers: { 'retry-after': '5' } })).toMatchObject({
      retryable,
      name,
      retryAfterMs: undefined,
    });
  });
});

describe('the message', () => {
  test('holds neither a secret nor the prompt, wherever they stand in what the server said', () => {
    const secret = 'k3y-of-the-house';
    const prompt = 'My grandmother keeps her savings under the third stair of the house in Elm Street.';
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.string({ maxLength: 300 }),
        fc.integer({ min: 0, max: 40 }),
        (before, after, from) => {
          const quoted = errorOf({
            prompts: [prompt],
            detail: { message: `${before}${prompt.slice(from)}${after}` },
            secrets: [secret],
          });
          expect(quoted.message).not.toContain('third stair of the house');
          const leaked = errorOf({
            prompts: [prompt],
            detail: { message: `${before}${secret}${after}` },
            secrets: [secret],
          });
          expect(leaked.message).not.toContain(secret);
        },
      ),
    );
  });

  test('hides what looks like a key of someone else', () => {
    const message = 'bad key sk-abcdefgh12345678, hf_abcdefgh12345678 or Bearer abc.def';
    expect(errorOf({ detail: { message } }).message).toBe('acme answered 500: bad key ***, *** or Bearer ***');
  });

  test('withholds a short prompt that is quoted whole', () => {
    expect(errorOf({ prompts: ['pin 4711!'], detail: { message: 'no: pin 4711!' } }).message).not.toContain('4711');
  });

  test('falls back to code and type', () => {
    expect(errorOf({ detail: { code: 'c', type: 't' } }).message).toBe('acme answered 500: c');
    expect(errorOf({ detail: { type: 't' } }).message).toBe('acme answered 500: t');
    expect(errorOf({}).message).toBe('acme answered 500');
  });
});
