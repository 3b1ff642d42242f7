/** withRouter, on a fake clock: who is asked first, who next, and what happens when the selection goes wrong. */
import { describe, expect, test } from 'vitest';
import {
  type ChatResponse,
  type ClientEvents,
  type Message,
  type PerCall,
  type RouteCandidate,
  type RouteRequest,
  type RouterInput,
  type SelectRoute,
  userMessage,
  withCache,
  withCircuitBreaker,
  withFallback,
  withMaxTokens,
  withModel,
  withProvider,
  withRouter,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { rank } from '../../src/llm/router.js';
import { sleep } from '../../src/resilience/timer.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';
import { createPuppet, fail, hang, type Play, type Puppet, rejection, settle, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

interface Stage extends ReturnType<typeof setUp> {
  readonly one: Puppet;
  readonly two: Puppet;
  readonly routes: ClientEvents['route-chosen'][];
  ask(messages?: readonly Message[], perCall?: PerCall): Promise<ChatResponse>;
}

const CHEAP = { input: 1, output: 1 };
const DEAR = { input: 10, output: 10 };

/** The client's own target (0, without a price) and two candidates: 1 is cheap, 2 is dear. */
function stage(
  router: Partial<RouterInput> = {},
  { plays = [], options = [] }: { plays?: readonly Play[]; options?: Parameters<typeof setUp>[1][] } = {},
): Stage {
  const say =
    (text: string): Play =>
    (call) =>
      speak(call, text);
  const one = createPuppet(plays[1] ?? say('one'), 'one', 'stage one');
  const two = createPuppet(plays[2] ?? say('two'), 'two', 'stage two');
  const candidates = [
    { provider: one, model: '1', price: CHEAP },
    { provider: two, model: '2', price: DEAR },
  ];
  const made = setUp(plays[0] ?? say('own'), withRouter({ candidates, ...router }), ...options);
  const routes: ClientEvents['route-chosen'][] = [];
  made.client.on('route-chosen', (event) => routes.push(event));
  return { ...made, one, two, routes, ask: (messages = question, perCall = {}) => made.client.chat(messages, perCall) };
}

const after = (clock: () => FakeClock, ms: () => number, text: string): Play =>
  async function* (call) {
    await sleep(clock(), ms(), call.signal);
    yield* speak(call, text);
  };

describe('the ranking', () => {
  test('costBias 1 asks the cheapest first; one whose price nobody knows comes last', async () => {
    const { ask, routes, client } = stage({ costBias: 1 });
    expect(await ask()).toMatchObject({ provider: 'one', target: 1 });
    expect(routes).toEqual([{ order: [1, 2, 0], reason: 'ranked', durationMs: 0 }]);
    expect(client.metrics()).toMatchObject({ routes: 1, staticRoutes: 0, upstreamCalls: 1 });
  });

  test('costBias 0 asks the fastest first, by live times', async () => {
    const delays = [300, 200, 100];
    const clock = (): FakeClock => made.clock;
    const plays = delays.map((_, i) => after(clock, () => delays[i] ?? 0, `${i}`));
    const made = stage({ costBias: 0 }, { plays });
    // Who is not known yet counts as fast, so each comes to be known.
    for (let i = 0; i < 40; i++) {
      const answer = made.ask();
      await made.clock.advanceAsync(300);
      await answer;
    }
    expect(made.routes.at(-1)?.order).toEqual([2, 1, 0]);
    expect([made.puppet, made.one].map(({ calls }) => calls.length)).toEqual([5, 5]);
    // Times that nobody refreshed are forgotten, and the slow one is given another try.
    made.clock.advance(300_001);
    const again = made.ask();
    await made.clock.advanceAsync(300);
    await again;
    expect(made.routes.at(-1)?.order).toEqual([0, 1, 2]);
  });

  test('fails over to the next in order, and asks those first that fail less', async () => {
    const plays: Play[] = [(call) => speak(call, 'own'), () => fail(503)];
    const { ask, client, one, two, routes } = stage({ costBias: 1 }, { plays });
    expect((await ask()).provider).toBe('two');
    expect(client.metrics().fallbacks).toBe(1);
    expect((await ask()).provider).toBe('two');
    expect(routes.at(-1)?.order).toEqual([2, 0, 1]);
    expect([one.calls.length, two.calls.length]).toEqual([1, 2]);
  });

  test('puts whom the breaker would refuse last, and tries it again later', async () => {
    let isDown = true;
    const flaky: Play = (call) => (isDown ? fail(503) : speak(call, 'one'));
    const { ask, clock, routes, one } = stage(
      { costBias: 1 },
      { plays: [(call) => speak(call, 'own'), flaky], options: [withCircuitBreaker({ failureThreshold: 1 })] },
    );
    await ask();
    await ask();
    expect(routes.at(-1)?.order.at(-1)).toBe(1);
    expect(one.calls.length).toBe(1);
    isDown = false;
    // The failure is forgotten after a minute.
    clock.advance(61_000);
    expect((await ask()).provider).toBe('one');
  });

  test('orders every candidate once, refusing ones last, and follows the bias', () => {
    const candidate = fc.record({
      cost: fc.option(fc.nat(10), { nil: undefined }),
      latencyMs: fc.option(fc.double({ min: 0, max: 10_000, noNaN: true }), { nil: undefined }),
      failureShare: fc.double({ min: 0, max: 1, noNaN: true }),
      isRefusing: fc.boolean(),
    });
    const many = fc.array(candidate, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(many, fc.double({ min: 0, max: 1, noNaN: true }), (made, costBias) => {
        const candidates: RouteCandidate[] = made.map((one, target) => ({ ...one, target, provider: 'p', model: 'm' }));
        const order = rank(candidates, costBias);
        expect(order.toSorted((a, b) => a - b)).toEqual(candidates.map(({ target }) => target));
        const refusing = order.map((target) => candidates[target]?.isRefusing);
        expect(refusing).toEqual(refusing.toSorted((a, b) => Number(a) - Number(b)));
        const sound = candidates.map((one) => ({
          ...one,
          failureShare: 0,
          isRefusing: false,
          latencyMs: 1,
          cost: one.cost ?? 10,
        }));
        const byCost = rank(sound, 1).map((target) => sound[target]?.cost ?? 0);
        expect(byCost).toEqual(byCost.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('what a request needs', () => {
  const image: Message = { role: 'user', content: [{ kind: 'image', url: 'data:image/png;base64,AA==' }] };
  const tools = [{ name: 'look', parameters: { type: 'object' } }];
  const none = { tools: false, images: false, jsonSchema: false };

  test.each<[string, readonly Message[], PerCall]>([
    ['images', [image], {}],
    ['tools', question, { tools }],
    ['a JSON schema', question, { responseFormat: { kind: 'json-schema', name: 'x', schema: {} } }],
  ])('%s leaves out whoever does not take it', async (_, messages, perCall) => {
    const blind = createPuppet(undefined, 'blind');
    const able = createPuppet(undefined, 'able');
    const candidates = [
      { provider: blind, model: 'b', price: CHEAP, capabilities: none },
      { provider: able, model: 'a', price: CHEAP },
    ];
    const { ask, routes } = stage({ candidates, costBias: 1 });
    expect((await ask(messages, perCall)).provider).toBe('able');
    expect(routes[0]?.order).toEqual([2, 0]);
    expect((await ask()).provider).toBe('blind');
  });

  test('a context with room for the longest answer', async () => {
    const small = createPuppet(undefined, 'small');
    const candidates = [{ provider: small, model: 's', price: CHEAP, capabilities: { contextTokens: 1500 } }];
    const { ask } = stage({ candidates, costBias: 1 }, { options: [withMaxTokens(1000)] });
    expect((await ask([userMessage('a'.repeat(1900))])).provider).toBe('small');
    expect((await ask([userMessage('a'.repeat(2100))])).provider).toBe('puppet');
  });

  test('is known of listed models', async () => {
    const { ask, routes } = stage({ candidates: ['local'], costBias: 1 });
    await ask([userMessage('Snow is white. What colour is snow?')]);
    await ask([image]);
    expect(routes.map(({ order }) => order)).toEqual([[1, 0], [0]]);
  });

  test('that nobody has is left to the configured order', async () => {
    const own = createPuppet(undefined, 'local');
    const candidates = [{ provider: createPuppet(undefined, 'x'), model: 'x', capabilities: none }];
    const { ask, routes, client } = stage(
      { candidates, costBias: 1 },
      { options: [withProvider(own), withModel('extractive-1')] },
    );
    expect((await ask([image])).provider).toBe('local');
    expect(routes).toMatchObject([{ reason: 'none-fits', order: [0, 1] }]);
    expect(client.metrics().staticRoutes).toBe(1);
  });
});

describe('a selection', () => {
  test('is given the request and the candidates as they stand, and is followed', async () => {
    const seen: [RouteRequest, readonly RouteCandidate[]][] = [];
    const select: SelectRoute = (request, candidates) => {
      seen.push([request, candidates]);
      return [2, 1];
    };
    const { ask, routes, two } = stage({ select }, { plays: [hang, (call) => speak(call, 'one'), () => fail(503)] });
    expect((await ask()).provider).toBe('one');
    expect(routes).toEqual([{ order: [2, 1], reason: 'selected', durationMs: 0 }]);
    expect(two.calls.length).toBe(1);
    const [[request, candidates]] = seen as [[RouteRequest, readonly RouteCandidate[]]];
    expect(request).toMatchObject({ messages: question, needs: { tools: false, images: false, jsonSchema: false } });
    expect(candidates.map(({ target, provider, latencyMs }) => [target, provider, latencyMs])).toEqual([
      [0, 'puppet', undefined],
      [1, 'one', undefined],
      [2, 'two', undefined],
    ]);
    expect(candidates[2]?.cost).toBeCloseTo((candidates[1]?.cost ?? 0) * 10);
  });

  test.each<[string, SelectRoute]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['gives nobody', () => []],
    ['gives somebody unknown', () => [7]],
    ['gives somebody twice', () => [1, 1]],
    ['gives no list', (() => 'one') as unknown as SelectRoute],
    ['gives none later', async () => []],
  ])('that %s leaves the configured order', async (_, select) => {
    const { ask, routes, client } = stage({ select, costBias: 1 });
    expect((await ask()).provider).toBe('puppet');
    expect(routes).toMatchObject([{ order: [0, 1, 2], reason: 'select-failed' }]);
    expect(client.metrics()).toMatchObject({ routes: 1, staticRoutes: 1, successes: 1 });
  });

  test('that takes longer than 3 s leaves the configured order, and its time is known', async () => {
    const { ask, clock, routes, client } = stage({ select: () => new Promise(() => undefined) });
    const answer = ask();
    await clock.advanceAsync(2999);
    expect(client.metrics().upstreamCalls).toBe(0);
    await clock.advanceAsync(1);
    expect((await answer).provider).toBe('puppet');
    expect(routes).toEqual([{ order: [0, 1, 2], reason: 'select-late', durationMs: 3000 }]);
    expect(client.metrics()).toMatchObject({ avgSelection: 3000, p99Selection: 3000 });
    expect(clock.pendingTimers).toBe(0);
  });

  test('ends with the call: by its caller, and by its deadline', async () => {
    const never: SelectRoute = () => new Promise(() => undefined);
    const { client, clock, puppet } = stage({ select: never }, { options: [withTotalTimeout('1s')] });
    const controller = new AbortController();
    const left = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    controller.abort('gone');
    expect(await left).toBe('gone');
    const late = rejection(client.chat(question));
    await clock.advanceAsync(1001);
    expect(await late).toMatchObject({ kind: 'total' });
    expect([puppet.calls.length, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('is not asked about a call that names its model', async () => {
    const { ask, routes, puppet } = stage({ select: () => [1] });
    expect((await ask(question, { model: 'special' })).provider).toBe('puppet');
    expect([puppet.calls[0]?.request.model, routes[0]?.reason]).toEqual(['special', 'model-named']);
  });
});

describe('beside the other options', () => {
  test('an answer is kept under the name of the target that gave it', async () => {
    const { ask, one } = stage({ costBias: 1 }, { options: [withCache(true)] });
    expect(await ask()).toMatchObject({ provider: 'one', stored: true });
    expect(await ask()).toMatchObject({ provider: 'one', cached: true, target: 1 });
    expect(one.calls.length).toBe(1);
  });

  test('the targets of the fallback come last, and its mode is how all are asked', async () => {
    const last = createPuppet((call) => speak(call, 'last'), 'last');
    const plays: Play[] = [() => fail(503), () => fail(503), () => fail(503)];
    const sequential = stage({ costBias: 1 }, { plays, options: [withFallback([{ provider: last, model: 'l' }])] });
    expect(await sequential.ask()).toMatchObject({ provider: 'last', target: 3 });
    expect(sequential.routes[0]?.order).toEqual([1, 2, 0, 3]);
    const race = stage(
      { costBias: 1 },
      { plays: [hang, hang, hang], options: [withFallback([{ provider: last, model: 'l' }], { mode: 'race' })] },
    );
    expect((await race.ask()).provider).toBe('last');
    await settle();
    expect([race.puppet, race.one, race.two].map(({ aborted }) => aborted)).toEqual([1, 1, 1]);
  });

  test('a chosen target that cannot say the request hands on to the next', async () => {
    const { ask } = stage({ candidates: [{ provider: 'local', capabilities: { tools: true } }], costBias: 1 });
    const tools = [{ name: 'look', parameters: { type: 'object' } }];
    expect((await ask(question, { tools, toolChoice: 'required' })).provider).toBe('puppet');
  });

  test.each([
    [{ candidates: [] }, 'router'],
    [{ candidates: ['local'], costBias: 2 }, 'router.costBias'],
    [{ candidates: [{ provider: 'local', price: { input: -1, output: 1 } }] }, 'router'],
    [{ candidates: ['openai'] }, 'router'],
    [{ candidates: ['local'], select: 'me' }, 'router.select'],
  ])('refuses %o', (router, path) => {
    const before = process.env['OPENAI_API_KEY'];
    delete process.env['OPENAI_API_KEY'];
    try {
      expect(() => setUp(hang, withRouter(router as RouterInput))).toThrow(
        expect.objectContaining({ issues: [expect.objectContaining({ path: expect.stringContaining(path) })] }),
      );
    } finally {
      if (before !== undefined) process.env['OPENAI_API_KEY'] = before;
    }
  });
});
