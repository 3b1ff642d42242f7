import { describe, expect, test } from 'vitest';
import { embedText, LOCAL_DIMENSIONS } from '../../../src/providers/local/embedding.js';
import { createLocalProvider } from '../../../src/providers/local/provider.js';
import { fc } from '../../support/property.js';

function similarity(left: string, right: string): number {
  const other = embedText(right, LOCAL_DIMENSIONS);
  return embedText(left, LOCAL_DIMENSIONS).reduce((sum, value, i) => sum + value * (other[i] as number), 0);
}

describe('the embedding of a text', () => {
  test('has length 1 and is the same each time, for any text and any number of dimensions', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 600 }), (text, dimensions) => {
        const vector = embedText(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 9);
        expect(embedText(text, dimensions)).toEqual(vector);
      }),
    );
  });

  test('is nearer to one that shares words or spellings than to one that does not', () => {
    const question = 'How do I configure the connection pool?';
    expect(similarity(question, 'how do i configure the  connection pool')).toBeGreaterThan(0.85);
    expect(similarity(question, 'configuring connection pools')).toBeGreaterThan(0.3);
    expect(similarity(question, 'Bake the bread for an hour.')).toBeLessThan(0.25);
  });
});

test('the local provider estimates tokens and honours dimensions', async () => {
  const { signal } = new AbortController();
  const request = { model: 'extractive-1', texts: ['12345678', 'ab'], dimensions: 8 };
  const answer = await createLocalProvider().embed?.({ request, signal, apiKey: undefined });
  expect(answer).toMatchObject({ model: 'extractive-1', inputTokens: 3 });
  expect(answer?.vectors.map((vector) => vector.length)).toEqual([8, 8]);
});
