/** The suite of the guide's LLM effects: what is stated, what the client makes of it, and what is said of that. */
import { beforeAll, describe, expect, test } from 'vitest';
import { judgeOptimisations, judgeTiered, judgeUseCases } from '../../../bench/effects/llm/goals.mjs';
import { OPTIMISATIONS, runOptimisation } from '../../../bench/effects/llm/optimisations.mjs';
import { drawQuestions, makeQuestions, repeatShare } from '../../../bench/effects/llm/questions.mjs';
import { effects } from '../../../bench/effects/llm/section.mjs';
import { runEffects } from '../../../bench/effects/llm/suite.mjs';
import { createWorld } from '../../../bench/effects/llm/world.mjs';
import { describeVerdict } from '../../../bench/lib/goal.mjs';
import * as llm from '../../../src/llm/index.js';
import * as testing from '../../../src/testing/index.js';

const sherd = { llm, testing };
const SHORT = { tokens: 10, answer: [4, 8] } as const;

describe('questions', () => {
  const questions = makeQuestions('q', 100, { tokens: 25, answer: [100, 200] });

  test('are distinct, of the stated length, and the same each time', () => {
    expect(new Set(questions.map(({ text }) => text)).size).toBe(100);
    expect(questions.every(({ text }) => text.length === 100)).toBe(true);
    expect(makeQuestions('q', 100, { tokens: 25, answer: [100, 200] })).toEqual(questions);
  });

  test('have answers whose lengths are spread evenly over the span', () => {
    const lengths = questions.map(({ answerTokens }) => answerTokens).sort((a, b) => a - b);
    expect([lengths[0], lengths[50], lengths[99]]).toEqual([101, 151, 200]);
  });

  test('repeat the more, the steeper the law', () => {
    const shareOf = (exponent: number) => repeatShare(drawQuestions(questions, 200, exponent));
    expect(shareOf(2)).toBeGreaterThan(shareOf(0));
    expect(repeatShare([...questions, ...questions])).toBe(0.5);
  });
});

describe('the world', () => {
  const speeds = { 'gpt-4': { firstMs: { p50Ms: 100, p99Ms: 100 }, readMs: 1000, tokenMs: 10 } };
  const questions = makeQuestions('q', 1, SHORT);
  const [question = { text: '', answerTokens: 0 }] = questions;

  function clientIn(world: ReturnType<typeof createWorld>, ...options: llm.ClientOption[]) {
    return llm.createClient(...world.options(llm.withProvider(world.provider), llm.withModel('gpt-4'), ...options));
  }

  test('answers take as long as is stated: to the first token, to read, and a token', async () => {
    const world = createWorld(sherd, { questions, speeds });
    const client = clientIn(world);
    const { firstTokenMs, durationMs, usage } = await world.run(
      client.stream([llm.userMessage(question.text)]).final(),
    );
    expect(usage).toMatchObject({ inputTokens: 10, outputTokens: question.answerTokens });
    expect(firstTokenMs).toBeCloseTo(100 + 10, 6);
    expect(durationMs - firstTokenMs).toBeCloseTo(10 * (question.answerTokens - 1), 6);
    await client.close();
  });

  test('an answer ends at the limit that the client sends', async () => {
    const world = createWorld(sherd, { questions, speeds });
    const client = clientIn(world, llm.withMaxTokens(3));
    const { finishReason, usage } = await world.run(client.chat([llm.userMessage(question.text)]));
    expect([finishReason, usage?.outputTokens]).toEqual(['length', 3]);
    await client.close();
  });

  test('a model of which nothing is stated is an error, not a guess', async () => {
    const world = createWorld(sherd, { questions, speeds: {} });
    const client = clientIn(world);
    await expect(world.run(client.chat([llm.userMessage(question.text)]))).rejects.toMatchObject({
      cause: { message: expect.stringContaining('nothing is stated of gpt-4') },
    });
    await client.close();
  });

  test('a program that never ends is an error', async () => {
    const world = createWorld(sherd, { questions });
    await expect(world.run(new Promise(() => undefined))).rejects.toThrow('never ends');
  });
});

describe('the optimisations', () => {
  const rowOf = (name: string) => {
    const optimisation = OPTIMISATIONS.find((each) => each.name === name);
    if (optimisation === undefined) throw new Error(`there is no optimisation '${name}'`);
    return runOptimisation(sherd, optimisation, 0.1);
  };

  test.each([
    ['enable caching', '20 calls; 0 answers kept', '10 calls; 10 answers kept'],
    ['use streaming', 'whole answers', 'streams'],
    ['lower max tokens', /^max_tokens 1000; .*; 2 of 10 cut short$/, /^max_tokens 600; .*; 6 of 10 cut short$/],
    ['use a faster model', /^gpt-4; /, /^gpt-3\.5-turbo; /],
    ['parallel requests', '1 calls at once', '4 calls at once'],
  ])('%s: the provider sees the option act', async (name, before, after) => {
    const row = await rowOf(name);
    expect(row.before.seen).toMatch(before);
    expect(row.after.seen).toMatch(after);
    expect(row.after.waitMs).toBeLessThan(row.before.waitMs);
  });
});

describe('a run', () => {
  const context = (workloads?: string[]) => ({
    scale: 'smoke' as const,
    wanted: workloads === undefined ? {} : { workloads },
    print: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  let outcome: Awaited<ReturnType<typeof runEffects>>;
  beforeAll(async () => {
    outcome = await runEffects(sherd, context());
  });

  test('is the same each time', async () => {
    expect(JSON.stringify(await runEffects(sherd, context()))).toBe(JSON.stringify(outcome));
  });

  test('counts the caches: each document is read once, though it is asked for twice', () => {
    const docs = outcome.data.useCases.find(({ name }: { name: string }) => name === 'docs');
    expect(docs.hits).toBe(docs.requests / 2);
  });

  test('adds to the waits of a use case only what its client waits for', () => {
    const added = Object.fromEntries(
      outcome.data.useCases.map(({ name, addedMs }: { name: string; addedMs: number }) => [name, addedMs]),
    );
    expect(added['chat']).toBeCloseTo(0, 6);
    expect(added['realtime-analysis']).toBeGreaterThan(0);
  });

  test('sends complex questions to the strong model, and no others', () => {
    const [{ strong, tiers, recipe }] = outcome.data.tiered.groups;
    expect(strong.strongShare).toBe(1);
    expect(tiers.strongShare).toBeLessThan(0.3);
    expect(tiers.strongShare).toBeGreaterThan(0);
    expect(recipe.hitRatio).toBeLessThanOrEqual(recipe.attainable);
    expect(recipe.cost).toBeLessThan(strong.cost);
    expect([strong.answered, tiers.answered, recipe.answered]).toEqual([100, 100, 100]);
  });

  test('quotes what only a real model could show, and measures the rest', () => {
    const unmeasured = outcome.verdicts.filter(({ measured }) => measured === null);
    expect(unmeasured.map(({ area }) => area)).toEqual([
      'scripted models, codegen: code that compiles',
      'scripted models, docs: exact extraction',
      'scripted models, tiers: quality lost',
    ]);
    for (const { note } of unmeasured) expect(note).toContain('quoted, not measured');
  });

  test('has a section that states the models and shows every row', () => {
    const { text, images } = effects(JSON.parse(JSON.stringify(outcome.data)));
    for (const { model } of outcome.data.models) expect(text).toContain(`| ${model} |`);
    for (const { name } of [...outcome.data.latency.rows, ...outcome.data.useCases])
      expect(text).toContain(`| ${name} |`);
    expect(text).not.toMatch(/NaN|undefined/);
    expect(images.map(({ file }) => file)).toEqual(['bench-effects.svg']);
  });

  test('does only the parts that are asked for, and knows them by name', async () => {
    const { data } = await runEffects(sherd, context(['latency']));
    expect(Object.keys(data)).toEqual(['models', 'pricesAsOf', 'latency']);
    await expect(runEffects(sherd, context(['everything']))).rejects.toThrow("'everything' is unknown");
  });
});

describe('verdicts', () => {
  test('an optimisation is judged by the lower end of what the guide says', () => {
    const row = (afterMs: number) => ({
      name: 'enable caching',
      figure: 'an answer',
      guide: [95, 99] as const,
      tradeOff: 'memory',
      before: { name: 'off', waitMs: 1000, seen: '' },
      after: { name: 'on', waitMs: afterMs, seen: '' },
    });
    const [reached, missed] = judgeOptimisations([row(50), row(100)]).map(describeVerdict);
    expect([reached, missed]).toEqual(['reached', 'missed by 1.056x']);
  });

  test('a use case without figures is not measured', () => {
    const none = { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN };
    const counts = { requests: 0, failed: 0, hits: 0, retries: 0, addedMs: Number.NaN, cost: 0, units: 0 };
    const verdicts = judgeUseCases([{ name: 'chat', about: '', first: none, whole: none, ...counts }]);
    expect(verdicts.map(describeVerdict)).toEqual(['not measured', 'not measured', 'not measured']);
  });

  test('the recipe is held against the strong model asked each time', () => {
    const row = { models: { fast: 'f', strong: 's' }, exponent: 1, queries: 10, answered: 10, meanMs: 0 };
    const figures = { ...row, attainable: 0.8, upstreamCalls: 10, strongShare: 1 };
    const group = {
      strong: { ...figures, way: 'strong' as const, cost: 10, hitRatio: 0 },
      strongCached: { ...figures, way: 'strongCached' as const, cost: 3, hitRatio: 0.8 },
      tiers: { ...figures, way: 'tiers' as const, cost: 5, hitRatio: 0 },
      recipe: { ...figures, way: 'recipe' as const, cost: 2, hitRatio: 0.6 },
      tiersCached: { ...figures, way: 'tiersCached' as const, cost: 1, hitRatio: 0.8 },
    };
    expect(judgeTiered(group).map(describeVerdict)).toEqual([
      'reached',
      'missed by 1.17x',
      'not measured',
      'missed by 1.14x',
    ]);
  });
});
