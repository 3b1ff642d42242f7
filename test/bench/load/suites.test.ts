/** The load suites in small: every call is accounted for, and nothing outlives a run. They time nothing here. */
import { describe, expect, test } from 'vitest';
import type { judgeFailures } from '../../../bench/load/failures/goals.mjs';
import { suite as failures } from '../../../bench/load/failures/suite.mjs';
import { allowedBy, METERS } from '../../../bench/load/limits/meters.mjs';
import { suite as limits } from '../../../bench/load/limits/suite.mjs';
import { suite as saturation } from '../../../bench/load/saturation/suite.mjs';
import { LOAD_SECTIONS } from '../../../bench/load/sections.mjs';
import { suite as soak } from '../../../bench/load/soak/suite.mjs';
import { createSmokeRun, processesLeft } from './context.js';

/** What the page says of a run, which it reads from a file. */
const sectionOf = (suite: string, data: object): string =>
  LOAD_SECTIONS[suite]?.(JSON.parse(JSON.stringify(data))).text ?? '';

describe('a small run', () => {
  test('of saturation drives three clients past the capacity and back, and says where the knee is', async () => {
    const { context, printed } = createSmokeRun();
    const { data, verdicts } = await saturation.run(context);
    expect(data.contenders.map(({ contender }: { contender: string }) => contender)).toEqual([
      'unlimited',
      'limited',
      'tight',
    ]);
    for (const { steps } of data.contenders) {
      expect(steps.map(({ load }: { load: number }) => load)).toEqual([0.25, 2, 0.5]);
      for (const { answeredShare, codes } of steps) {
        expect(answeredShare === 1).toBe(Object.keys(codes).length === 0);
      }
    }
    expect(data.refusal.refused).toBe(200);
    expect(verdicts.length).toBe(5);
    expect(printed.filter((text) => text.includes('knee:')).length).toBe(3);
    expect(sectionOf('saturation', data)).toContain('| 0.5x, afterwards | 400 |');
    expect(await processesLeft()).toBe(0);
  });

  test('of soak gives everything back', async () => {
    const { context, printed } = createSmokeRun();
    const { data, verdicts } = await soak.run(context);
    expect(data.slices.length).toBe(3);
    for (const { sent, answered, left, broken, failed, hits } of data.slices) {
      expect(answered + left + broken + failed).toBe(sent);
      expect(hits).toBeGreaterThan(0);
    }
    expect(data.end).toMatchObject({
      left: { sockets: 0, timers: 0, descriptors: 0 },
      listeners: 0,
      active: 0,
      wrong: 0,
      upstreamSockets: 0,
      upstreamAtWork: 0,
    });
    expect(verdicts.find(({ unit }) => unit === 'MiB in 10 min')?.measured).toBeNull();
    expect(printed.join('\n')).toContain('heap MiB');
    expect(sectionOf('soak', data)).toContain('| minute | calls | hits |');
    expect(await processesLeft()).toBe(0);
  });

  test('of failures counts what the naive client takes for an answer, and ours never does', async () => {
    const { context } = createSmokeRun();
    const { data } = await failures.run({ ...context, wanted: { workloads: ['cut', 'dead'] } });
    const cells: Parameters<typeof judgeFailures>[0] = data.cells;
    expect(cells.map(({ fault, protection }) => `${fault} ${protection}`)).toEqual([
      'cut undici',
      'cut fallback',
      'dead undici',
      'dead fallback',
    ]);
    for (const { sent, attemptsACall } of cells) {
      expect(sent).toBe(30);
      expect(attemptsACall).toBeGreaterThan(0);
    }
    expect(sectionOf('failures', data)).toContain('| + fallback | ');
    expect(cells.filter(({ protection }) => protection !== 'undici').map(({ wrong }) => wrong)).toEqual([0, 0]);
    expect(await processesLeft()).toBe(0);
  });

  test('of limits answers all calls at once over few connections, and holds every rate', async () => {
    const { context } = createSmokeRun();
    const { data } = await limits.run(context);
    for (const flight of data.flights) {
      expect(flight).toMatchObject({ active: 200, answered: 200, problems: [], atWorkHeld: 20, upstreamSockets: 0 });
      expect(flight.peakSockets).toBeLessThanOrEqual(20);
      expect(flight.left).toEqual({ sockets: 0, timers: 0, descriptors: 0 });
    }
    expect(data.flights.map(({ kind }: { kind: string }) => kind)).toEqual(['whole', 'streams']);
    expect(data.rates.map(({ name }: { name: string }) => name)).toEqual(Object.keys(METERS));
    for (const { name, mostInMinute } of data.rates)
      expect(mostInMinute).toBeLessThanOrEqual(allowedBy(METERS[name] as never));
    expect(sectionOf('limits', data)).toContain('| whole | 200 | 20 |');
    expect(data.footprints).toMatchObject([{ clients: 5, connections: 5 }]);
    expect(data.prompts).toHaveLength(20);
    for (const { calls, answered } of data.prompts) expect(answered).toBe(calls);
    expect(sectionOf('limits', data)).toContain('| 10M | long answer, whole, with a cache | 1 | 1 |');
    expect(await processesLeft()).toBe(0);
  });
});

describe('an interrupt', () => {
  test.each([
    [saturation, 'unlimited: step 2', 'interrupted: 0 of 3 steps'],
    [soak, 'minute', 'interrupted: 1 of 3 slices'],
    [failures, '2 of 4', 'interrupted: 1 of 4 cells'],
    [limits, 'streams', 'interrupted: 1 of 5 parts'],
  ])('ends $name with the figures it has, and its processes', async (suite, moment, words) => {
    const { context, printed } = createSmokeRun((text, interrupt) => {
      if (text.includes(moment)) interrupt();
    });
    await expect(suite.run(context)).rejects.toThrow('interrupted');
    expect(printed.at(-1)).toContain(words);
    expect(await processesLeft()).toBe(0);
  });
});

test('a part, a client or a fault that there is not is refused by name', async () => {
  const { context } = createSmokeRun();
  await expect(limits.run({ ...context, wanted: { workloads: ['nothing'] } })).rejects.toThrow("part 'nothing'");
  await expect(failures.run({ ...context, wanted: { workloads: ['nothing'] } })).rejects.toThrow("fault 'nothing'");
  await expect(saturation.run({ ...context, wanted: { subjects: ['nobody'] } })).rejects.toThrow("contender 'nobody'");
});
