import { expect, test } from 'vitest';
import { JoinedText } from '../../src/core/joined-text.js';

test('a joined text is its pieces in order, and grows on after it was read', () => {
  const text = new JoinedText();
  expect(text.read()).toBe('');
  for (const piece of ['Be', '', 'cause']) text.add(piece);
  expect(text.read()).toBe('Because');
  expect(text.read()).toBe('Because');
  text.add('.');
  expect(text.read()).toBe('Because.');
  expect(new JoinedText('from ', 'the start').read()).toBe('from the start');
});
