import { expect, test } from 'vitest';
import { BoundedTable, OTHER } from '../../src/telemetry/bounded-table.js';
import { fc } from '../support/property.js';

test('the first names keep a place of their own, all others share one, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 })), fc.integer({ min: 1, max: 5 }), (names, limit) => {
      const table = new BoundedTable(limit, () => ({ count: 0 }));
      for (const name of names) table.of(name).count++;
      const entries = new Map([...table.entries()].map(([name, { count }]) => [name, count]));
      expect(entries.size).toBeLessThanOrEqual(limit + 1);
      expect([...entries.values()].reduce((sum, count) => sum + count, 0)).toBe(names.length);
      const own = [...new Set(names)].slice(0, limit);
      for (const name of own) expect(entries.get(name)).toBe(names.filter((other) => other === name).length);
    }),
  );
});

test('a name that is no name goes to the others at once', () => {
  const table = new BoundedTable(5, () => ({ count: 0 }));
  expect(table.of('x'.repeat(129))).toBe(table.of(OTHER));
  expect(table.of('x'.repeat(128))).not.toBe(table.of(OTHER));
});
