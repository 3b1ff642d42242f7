import { channel } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { createDiagnostics } from '../../src/telemetry/diagnostics.js';
import { Emitter } from '../../src/telemetry/emitter.js';

interface Events {
  'number-told': number;
  closed: { readonly reason: string };
}

test('listeners of a kind are called in order of registration, others not', () => {
  const emitter = new Emitter<Events>();
  const seen: string[] = [];
  emitter.on('number-told', (value) => seen.push(`first ${value}`));
  emitter.on('number-told', (value) => seen.push(`second ${value}`));
  emitter.on('closed', ({ reason }) => seen.push(reason));
  emitter.emit('number-told', 7);
  expect(seen).toEqual(['first 7', 'second 7']);
});

test('the returned function ends just its own registration', () => {
  const emitter = new Emitter<Events>();
  let calls = 0;
  const listener = (): void => void calls++;
  const off = emitter.on('number-told', listener);
  emitter.on('number-told', listener);
  off();
  off();
  emitter.emit('number-told', 1);
  expect(calls).toBe(1);
});

test('off ends one registration of a listener, and ignores a stranger', () => {
  const emitter = new Emitter<Events>();
  let calls = 0;
  const listener = (): void => void calls++;
  emitter.on('number-told', listener);
  emitter.on('number-told', listener);
  emitter.off('number-told', () => {});
  emitter.off('number-told', listener);
  emitter.emit('number-told', 1);
  expect(calls).toBe(1);
});

test('hasListeners is true exactly while somebody listens', () => {
  const emitter = new Emitter<Events>();
  expect(emitter.hasListeners('closed')).toBe(false);
  const off = emitter.on('closed', () => {});
  expect([emitter.hasListeners('closed'), emitter.hasListeners('number-told')]).toEqual([true, false]);
  off();
  expect(emitter.hasListeners('closed')).toBe(false);
});

test('a listener that throws or rejects is contained and counted, the others are called', async () => {
  const emitter = new Emitter<Events>();
  let calls = 0;
  emitter.on('number-told', () => {
    throw new Error('broken listener');
  });
  emitter.on('number-told', (): unknown => Promise.reject(new Error('broken promise')));
  emitter.on('number-told', () => void calls++);
  emitter.emit('number-told', 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect([calls, emitter.containedErrors]).toEqual([1, 2]);
});

test('an emit under way keeps the listeners it began with', () => {
  const emitter = new Emitter<Events>();
  const seen: string[] = [];
  const off = emitter.on('number-told', () => {
    seen.push('first');
    off();
    emitter.on('number-told', () => seen.push('added'));
  });
  emitter.on('number-told', () => seen.push('second'));
  emitter.emit('number-told', 1);
  expect(seen).toEqual(['first', 'second']);
  emitter.emit('number-told', 2);
  expect(seen).toEqual(['first', 'second', 'second', 'added']);
});

test('events also go to the channels it was given', () => {
  const emitter = new Emitter<Events>(createDiagnostics<Events>('emitter-test', ['number-told', 'closed']));
  const seen: unknown[] = [];
  const note = (message: unknown): void => void seen.push(message);
  channel('sherd:emitter-test:number-told').subscribe(note);
  emitter.emit('number-told', 3);
  emitter.emit('closed', { reason: 'over' });
  channel('sherd:emitter-test:number-told').unsubscribe(note);
  emitter.emit('number-told', 4);
  expect(seen).toEqual([3]);
});
