/** Who is measured in what, at each scale and by each word of the command line. */
import { afterEach, describe, expect, test } from 'vitest';
import { CALL_GOALS } from '../../../bench/llm/goals.mjs';
import { planParts, subjectsOf, subjectsToGate } from '../../../bench/llm/plan.mjs';
import { LLM_SUBJECTS, llmSubjectOf } from '../../../bench/llm/subjects/subjects.mjs';

type Context = Parameters<typeof planParts>[0];
const contextOf = (scale: Context['scale'], wanted: Context['wanted'] = {}): Context => ({
  scale,
  wanted,
  progress() {},
  print() {},
  signal: new AbortController().signal,
});
const cellsOf = (context: Context) => planParts(context).cells.map(({ name }) => name);
const UNARY = { format: 'openai', way: 'unary' } as const;
const BURST = { format: 'openai', way: 'burst' } as const;

const before = process.env['SHERD_BASE'];
afterEach(() => {
  if (before === undefined) delete process.env['SHERD_BASE'];
  else process.env['SHERD_BASE'] = before;
});

test('every cell of a full run has a goal', () => {
  expect(cellsOf(contextOf('full')).sort()).toEqual(Object.keys(CALL_GOALS).sort());
});

test('a smaller run asks a part of the same questions', () => {
  const full = cellsOf(contextOf('full'));
  for (const scale of ['quick', 'smoke'] as const) {
    const cells = cellsOf(contextOf(scale));
    expect(cells.length).toBeLessThan(full.length);
    expect(full).toEqual(expect.arrayContaining(cells));
    expect(planParts(contextOf(scale))).toMatchObject({ bytes: true, hit: true, import: true, identical: true });
  }
});

test('what is named is all that is asked, and a name that is none is refused', () => {
  const parts = planParts(contextOf('full', { workloads: ['paced', 'hit'] }));
  expect(parts.cells.map(({ name }) => name)).toEqual(['paced']);
  expect(parts).toMatchObject({ bytes: false, hit: true, import: false, identical: false });
  expect(() => planParts(contextOf('full', { workloads: ['zipf'] }))).toThrow(
    "workload 'zipf' is unknown; known: unary,",
  );
});

test('who takes part has to answer rightly first; in a smoke run everybody has to', () => {
  const gated = (context: Context) => subjectsToGate(planParts(context).cells, context);
  expect(gated(contextOf('full', { workloads: ['paced'], subjects: ['ai'] }))).toEqual([
    { subject: 'undici', format: 'openai' },
    { subject: 'ai', format: 'openai' },
  ]);
  const everybody = gated(contextOf('smoke'));
  expect(new Set(everybody)).toEqual(new Set(gated(contextOf('full'))));
  expect(everybody).toContainEqual({ subject: 'anthropic-sdk', format: 'anthropic' });
});

describe('the subjects of a cell', () => {
  test('the yardstick and its twin always take part', () => {
    expect(subjectsOf(UNARY, contextOf('full', { subjects: ['openai'] }))).toEqual(['undici', 'undici#2', 'openai']);
  });

  test('who does not speak a format takes no part in it', () => {
    const anthropic = subjectsOf({ format: 'anthropic', way: 'unary' }, contextOf('full'));
    expect(anthropic).toContain('anthropic-sdk');
    expect(anthropic).not.toContain('openai');
    expect(subjectsOf(UNARY, contextOf('full'))).not.toContain('anthropic-sdk');
  });

  test('a yardstick that parses events takes part where there are events', () => {
    expect(subjectsOf(BURST, contextOf('full'))).toContain('undici+parse');
    expect(subjectsOf(UNARY, contextOf('full'))).not.toContain('undici+parse');
  });

  test('another build takes part where one is named', () => {
    delete process.env['SHERD_BASE'];
    const usual = subjectsOf(UNARY, contextOf('full'));
    expect(usual.filter((name) => name.startsWith('sherd-base'))).toEqual([]);
    process.env['SHERD_BASE'] = '/another/dist';
    expect(subjectsOf(UNARY, contextOf('full'))).toEqual([...usual, 'sherd-base', 'sherd-base+cache']);
  });

  test('in a full run all take part that speak the format', () => {
    const usual = Object.keys(LLM_SUBJECTS).filter((name) => !name.startsWith('sherd-base'));
    const all = new Set(
      (['openai', 'anthropic'] as const).flatMap((format) => subjectsOf({ format, way: 'burst' }, contextOf('full'))),
    );
    expect([...all].filter((name) => !name.includes('#')).sort()).toEqual(usual.sort());
  });

  test('a name that is none is refused', () => {
    expect(() => llmSubjectOf('curl#2')).toThrow("subject 'curl#2' is unknown; known: undici,");
  });
});
