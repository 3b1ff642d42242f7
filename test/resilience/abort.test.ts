import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { abortable, linkAbort, onAbort } from '../../src/resilience/abort.js';

describe('onAbort', () => {
  test('the listener is called once, unless it was removed', () => {
    const controller = new AbortController();
    const seen: string[] = [];
    onAbort(controller.signal, () => seen.push('kept'));
    onAbort(controller.signal, () => seen.push('removed'))();
    controller.abort();
    expect([seen, getEventListeners(controller.signal, 'abort')]).toEqual([['kept'], []]);
  });
});

describe('linkAbort', () => {
  test('the child aborts with the reason of its parent', () => {
    const parent = new AbortController();
    const child = new AbortController();
    linkAbort(parent.signal, child);
    parent.abort('gone');
    expect(child.signal.reason).toBe('gone');
  });

  test('the child of an aborted parent is aborted', () => {
    const child = new AbortController();
    const parent = AbortSignal.abort('gone');
    linkAbort(parent, child);
    expect([child.signal.reason, getEventListeners(parent, 'abort')]).toEqual(['gone', []]);
  });

  test('unlinked, the child goes on and the parent has no listener', () => {
    const parent = new AbortController();
    const child = new AbortController();
    linkAbort(parent.signal, child)();
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
    parent.abort();
    expect(child.signal.aborted).toBe(false);
  });
});

describe('abortable', () => {
  test.each([
    ['a value', () => Promise.resolve('value'), { status: 'fulfilled', value: 'value' }],
    ['an error', () => Promise.reject(new Error('down')), { status: 'rejected', reason: new Error('down') }],
  ])('%s comes through and leaves no listener', async (_name, work, expected) => {
    const { signal } = new AbortController();
    const [outcome] = await Promise.allSettled([abortable<string>(work(), signal)]);
    expect(outcome).toEqual(expected);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('an abort rejects at once, and a later failure of the work stays silent', async () => {
    const controller = new AbortController();
    let fail = (_error: Error): void => {};
    const work = new Promise<never>((_, reject) => (fail = reject));
    const waiting = abortable(work, controller.signal);
    controller.abort('gone');
    await expect(waiting).rejects.toBe('gone');
    fail(new Error('aborted at last'));
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('an aborted signal wins over a value that is already there', async () => {
    const signal = AbortSignal.abort('gone');
    await expect(abortable(Promise.resolve('value'), signal)).rejects.toBe('gone');
    void abortable(new Promise(() => {}), signal).catch(() => {});
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
