import { expect, test } from 'vitest';
import { BucketCounts } from '../../src/telemetry/bucket-counts.js';
import { fc } from '../support/property.js';

test('each bucket counts the values at or under its bound', () => {
  const bounds = [0.5, 1, 2];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0.5, 0.75, 1, 1.5, 2, 3)), (values) => {
      const counts = new BucketCounts(bounds);
      for (const value of values) counts.record(value);
      const { labels, value, buckets } = counts.series({ route: '/' });
      expect([labels, value]).toEqual([{ route: '/' }, values.reduce<number>((sum, one) => sum + one, 0)]);
      expect(buckets).toEqual(
        [...bounds, Number.POSITIVE_INFINITY].map((le) => ({ le, count: values.filter((one) => one <= le).length })),
      );
    }),
  );
});
