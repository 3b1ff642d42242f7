import { describe, expect, test } from 'vitest';
import { differenceOf, type Facts, factsOf } from '../../../src/llm/semantic/facts.js';
import { fc } from '../../support/property.js';

function judged(text: string): Facts {
  const facts = factsOf(text);
  if (facts === undefined) throw new Error(`not judged: ${text}`);
  return facts;
}
const difference = (one: string, other: string) => differenceOf(judged(one), judged(other));

describe('two questions are the same when they differ', () => {
  test.each([
    ['in politeness', 'How do I sort a list?', 'Please tell me, how can I sort a list?'],
    ['in the place of a phrase', 'How do I sort a list in Python?', 'In Python, how do I sort a list?'],
    ['in a synonym', 'How do I fix a flat tire?', 'How do I repair a flat tyre?'],
    ['in the form of a word', 'How do I train a dog?', 'How do I train the dogs?'],
    ['in the spelling of a number', 'What are five ways to sort 1,000 items?', 'What are 5 ways to sort 1000 items?'],
    ['in quotation marks', 'What does “null” mean?', 'What does "null" mean?'],
    ['in how a negation is spelled', "Why can't I log in?", 'Why can I not log in?'],
    ['in capitals', 'What is the capital of France?', 'what is the capital of france?'],
    ['in the spelling of a unit', 'How far is 5 km?', 'How far is 5 kilometers?'],
  ])('%s', (_what, one, other) => {
    expect(difference(one, other)).toBeUndefined();
  });
});

describe('two questions are not the same when they differ', () => {
  test.each([
    ['number', 'What is 15% of 200?', 'What is 15% of 300?'],
    ['number', 'What is in v1 and 2024-01-15?', 'What is in v1 and 2024-01-16?'],
    ['number', 'What is -5 plus 3?', 'What is 5 plus 3?'],
    ['number', 'How do I count from 1 to 10?', 'How do I count from 10 to 1?'],
    ['polarity', 'Is it safe to eat?', 'Is it not safe to eat?'],
    ['polarity', 'What is 15% of 200?', 'What is 15 of 200?'],
    ['polarity', 'What is the time at 8 am in the city?', 'What is the time at 8 pm in the city?'],
    ['polarity', 'How far is 10 miles?', 'How far is 10 km?'],
    ['quote', 'What does "a" mean to you?', 'What does "b" mean to you?'],
    ['direction', 'How do I convert euros to yen?', 'How do I convert yen to euros?'],
    ['person', 'What is my name?', 'What is your name?'],
    ['person', 'Can you tell me my name?', 'Can you tell me your name?'],
    ['person', 'What can I do?', 'What can you do?'],
    ['polarity', 'What is a good book by Tolkien?', 'What is a good book about Tolkien?'],
    ['polarity', 'Can I have the soup and the salad?', 'Can I have the soup or the salad?'],
    ['addition', 'What do cats do?', 'What do cats like?'],
    ['word', 'Is this for boiled eggs?', 'Is this for boiling eggs?'],
    ['polarity', 'What does it cost to get a letter to my mother?', 'What did it cost to get a letter to my mother?'],
    ['polarity', 'What is a present for my mother?', 'What is a present from my mother?'],
    ['name', 'Where does Alice live?', 'Where does Carol live?'],
    ['direction', 'What did Alice say to Bob?', 'What did Alice say to Carol?'],
    ['name', 'What is in config.json?', 'What is in package.json?'],
    ['name', 'How do I read a file in C++?', 'How do I read a file in C#?'],
    ['word', 'What is the capital of france?', 'What is the capital of germany?'],
    ['addition', 'How do I sort a list?', 'How do I sort a linked list?'],
    ['order', 'Why did the dog bite the man?', 'Why did the man bite the dog?'],
  ] as const)('in a %s', (kind, one, other) => {
    expect([difference(one, other), difference(other, one)]).toEqual([kind, kind]);
  });
});

test.each([
  'Was ist die Hauptstadt von Frankreich?',
  'Quelle est la capitale de la France ?',
  '¿Cuál es la capital de Francia?',
  'フランスの首都はどこですか？',
  'recursion',
  '',
  '{"a": 1}',
])('what the rules cannot judge is not judged: %s', (text) => {
  expect(factsOf(text)).toBeUndefined();
});

const words = fc.constantFrom(
  ...'how what is the not without 5 ten km Rome rome to from "x" dog bites man fix repair first in don\'t 10% $'.split(
    ' ',
  ),
);
const question = fc.array(words, { maxLength: 12 }).map((list) => `what is the thing: ${list.join(' ')}`);

test('a question is the same as itself, and a difference is one from either side', () => {
  fc.assert(
    fc.property(question, question, (one, other) => {
      expect(difference(one, one)).toBeUndefined();
      expect(difference(one, other)).toBe(difference(other, one));
    }),
  );
});

test('any text is judged or not without trouble', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void factsOf(text)));
});
