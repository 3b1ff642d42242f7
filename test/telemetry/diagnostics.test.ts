import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { createDiagnostics } from '../../src/telemetry/diagnostics.js';

interface Events {
  'thing-done': { readonly count: number };
  'thing-lost': string;
}

test('a subscriber of the channel gets the messages of its kind', () => {
  const diagnostics = createDiagnostics<Events>('testing', ['thing-done', 'thing-lost']);
  const seen: unknown[] = [];
  const listener = (message: unknown): void => void seen.push(message);
  expect(diagnostics.hasSubscribers('thing-done')).toBe(false);
  subscribe('sherd:testing:thing-done', listener);
  expect([diagnostics.hasSubscribers('thing-done'), diagnostics.hasSubscribers('thing-lost')]).toEqual([true, false]);
  diagnostics.publish('thing-done', { count: 1 });
  diagnostics.publish('thing-lost', 'nobody hears this');
  unsubscribe('sherd:testing:thing-done', listener);
  diagnostics.publish('thing-done', { count: 2 });
  expect(seen).toEqual([{ count: 1 }]);
  expect(diagnostics.hasSubscribers('thing-done')).toBe(false);
});
