import { expect, test } from 'vitest';
import { AllocationMeter } from '../../src/telemetry/allocation-meter.js';

test('growth between looks is summed, and what a collection frees takes nothing away', () => {
  let inUse = 100;
  const meter = new AllocationMeter(() => inUse);
  expect(meter.allocatedBytes).toBe(0);
  for (const next of [150, 150, 40, 60]) {
    inUse = next;
    meter.look();
  }
  expect(meter.allocatedBytes).toBe(50 + 20);
});
