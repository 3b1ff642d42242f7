/**
 * A test that an option acts. Run plainly, the body must pass. Run by `npm run test:options`, the same body runs with the
 * option's field forced to its default, and must then fail.
 */
import { expect, test } from 'vitest';
import { cacheScope } from '../../src/cache/scope.js';
import { llmScope } from '../../src/llm/scope.js';
import { timesForced, withForcedDefault } from './forced-default.js';

/** A body that waits for something that never comes has failed as well. */
const GIVE_UP_MS = 3000;

export function optionTest(
  scope: 'cache' | 'llm',
  option: string,
  field: string,
  body: () => void | Promise<void>,
): void {
  assertFieldOf(scope, option, field);
  if (process.env['SHERD_FORCE_DEFAULTS'] === undefined) {
    test(`${scope} ${option} acts`, body);
    return;
  }
  test(
    `${scope} ${option} fails when ${field} is forced to its default`,
    async () => {
      const passed = await withForcedDefault({ scope, field }, () => outcome(body)).then(
        () => true,
        () => false,
      );
      expect(timesForced(), 'the body made nothing that the forced default could have shown in').toBeGreaterThan(0);
      expect(passed, 'the body passes although the option is without effect').toBe(false);
    },
    GIVE_UP_MS * 2,
  );
}

async function outcome(body: () => void | Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('gave up waiting')), GIVE_UP_MS);
  });
  try {
    await Promise.race([body(), givenUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** A misspelled field would make every body fail, and so pass for proof. */
function assertFieldOf(scope: 'cache' | 'llm', option: string, field: string): void {
  const table: Record<string, { readonly options: readonly string[] }> = (scope === 'cache' ? cacheScope : llmScope)
    .fields;
  const names = table[field]?.options;
  if (names === undefined) throw new Error(`${scope} has no field ${field}`);
  if (option !== 'withSettings' && !names.includes(option)) throw new Error(`${option} does not set ${field}`);
}
