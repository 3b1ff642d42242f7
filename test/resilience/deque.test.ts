import { expect, test } from 'vitest';
import { Deque } from '../../src/resilience/deque.js';
import { fc } from '../support/property.js';

test('it agrees with an array under any pushes, shifts and sweeps', () => {
  const anyStep = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), value: fc.nat(9) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('shift' as const), value: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep' as const), value: fc.nat(9) }) },
  );
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 300 }), (steps) => {
      const deque = new Deque<number>();
      let model: number[] = [];
      for (const { kind, value } of steps) {
        if (kind === 'push') {
          deque.push(value);
          model.push(value);
        } else if (kind === 'shift') expect(deque.shift()).toBe(model.shift());
        else {
          deque.keep((item) => item > value);
          model = model.filter((item) => item > value);
        }
        expect([deque.size, deque.first(), deque.last()]).toEqual([model.length, model[0], model.at(-1)]);
      }
      expect([...deque]).toEqual(model);
    }),
  );
});
