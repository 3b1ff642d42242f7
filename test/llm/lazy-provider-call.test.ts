import { describe, expect, test } from 'vitest';
import { Canceller } from '../../src/core/cancel.js';
import { LazyProviderCall } from '../../src/llm/lazy-provider-call.js';
import { userMessage } from '../../src/protocol/chat.js';

const request = { model: 'm', messages: [userMessage('why?')] };

describe('what a provider is asked', () => {
  test('has a signal that aborts with the attempt, the same one at every look', () => {
    const canceller = new Canceller();
    const call = new LazyProviderCall(request, true, canceller, 'k', undefined);
    const { signal } = call;
    expect([signal instanceof AbortSignal, call.signal === signal, signal.aborted]).toEqual([true, true, false]);
    canceller.abort('enough');
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  test('keeps its signal in a copy, as a provider that wraps another makes one', () => {
    const canceller = new Canceller();
    const copy = { ...new LazyProviderCall(request, false, canceller, undefined, 'i'), stream: true };
    canceller.abort('enough');
    expect(copy).toMatchObject({ request, stream: true, cancel: canceller, apiKey: undefined, idempotencyKey: 'i' });
    expect(copy.signal.reason).toBe('enough');
  });
});
