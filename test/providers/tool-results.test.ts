import { expect, test } from 'vitest';
import { assistantMessage, type Message, toolMessage, userMessage } from '../../src/protocol/chat.js';
import { toolResultsFrom } from '../../src/providers/tool-results.js';

const calls = [
  { id: 'a', name: 'first', arguments: '{}' },
  { id: 'b', name: 'second', arguments: '{}' },
];
function namesFrom(messages: readonly Message[], start: number): readonly (string | undefined)[] {
  return toolResultsFrom(messages, start).map(({ name }) => name);
}

test('results stand in the order of the calls, and the run ends with the first other message', () => {
  const messages = [assistantMessage('', calls), toolMessage('b', '2'), toolMessage('a', '1'), userMessage('so?')];
  const results = toolResultsFrom(messages, 1);
  expect(results.map(({ name, at, index }) => [name, at, index])).toEqual([
    ['first', 2, 0],
    ['second', 1, 1],
  ]);
  expect(results[0]?.caller).toBe(messages[0]);
  expect(toolResultsFrom(messages, 3)).toEqual([]);
});

test('the nearest call of an id is meant', () => {
  const later = assistantMessage('', [{ id: 'a', name: 'again', arguments: '{}' }]);
  const messages = [
    assistantMessage('', calls),
    toolMessage('a', ''),
    later,
    toolMessage('a', ''),
    toolMessage('b', ''),
  ];
  expect(namesFrom(messages, 1)).toEqual(['first']);
  expect(namesFrom(messages, 3)).toEqual(['again', 'second']);
});

test('without a call the name is the message’s own, or none', () => {
  const named: Message = { role: 'tool', content: '', toolCallId: 'x', name: 'mine' };
  expect(namesFrom([named, toolMessage('y', '')], 0)).toEqual(['mine', undefined]);
});
