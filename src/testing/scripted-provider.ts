/**
 * A provider in process whose answers are a script: what it says, when, and how it fails. Everything that is random comes
 * from its seed and all time from its clock, so equal calls in equal order give equal answers at equal moments.
 */
import { assert } from '../core/assert.js';
import type { CancelSignal } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ProviderError } from '../core/errors.js';
import { createRandom, type Random } from '../core/random.js';
import type { ChatRequest, Chunk, Message, ProviderAnswer } from '../protocol/chat.js';
import type { Provider, ProviderCall } from '../providers/provider.js';
import { onAbort } from '../resilience/abort.js';
import { sleep } from '../resilience/timer.js';
import { drawLatencyMs, type Latency } from './latency.js';
import {
  chunksBefore,
  chunksOf,
  errorOf,
  type ScriptedAnswer,
  type ScriptedFault,
  wholeAnswerOf,
} from './scripted-answer.js';
import { createWatchers } from './watchers.js';

/** A call as the provider saw it. Grows while it runs. */
export interface ScriptedCall {
  /** From 0, over all calls of this provider. */
  readonly index: number;
  /** Calls with the same prompt before this one. */
  readonly repeat: number;
  /** Text of the last user message. */
  readonly prompt: string;
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly apiKey: string | undefined;
  readonly idempotencyKey: string | undefined;
  /** On the provider's clock. */
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  /** 'aborted': the caller left before the end. */
  readonly outcome: 'running' | 'answered' | 'failed' | 'aborted';
  /** Chunks that have left. */
  readonly chunks: number;
}

/** One answer for every call; one a call in order, the last one repeated; or a function of the call. A text is an answer. */
export type AnswerScript =
  | string
  | ScriptedAnswer
  | readonly (string | ScriptedAnswer)[]
  | ((call: ScriptedCall, random: Random) => string | ScriptedAnswer);

/** Answers for certain prompts; a list counts the calls of its rule. */
export interface ScriptRule {
  /** A part of the prompt, a pattern, or a test of the call. */
  readonly when: string | RegExp | ((call: ScriptedCall) => boolean);
  readonly answers: AnswerScript;
}

export interface ScriptedProviderOptions {
  /** What no rule is for. Default: such a call fails with ERR_TESTING_NO_SCRIPT. */
  readonly answers?: AnswerScript;
  /** The first whose `when` holds decides. */
  readonly rules?: readonly ScriptRule[];
  /** Waits before the first chunk and between chunks, unless an answer says otherwise. Default 0 and 0. */
  readonly latency?: { readonly firstMs?: Latency; readonly chunkMs?: Latency };
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Of latencies, and of what functions draw. Default 1. */
  readonly seed?: number;
  /** Part of keys, metrics and errors. Default 'scripted'. */
  readonly name?: string;
  /** Default 'script'. */
  readonly endpoint?: string;
  /** Calls that `calls` remembers, the newest. Default 10,000. */
  readonly keepCalls?: number;
  /** Told when a call begins, when a chunk leaves, and when a call has ended. */
  readonly onEvent?: (event: ScriptedEvent) => void;
}

export type ScriptedEvent =
  | { readonly kind: 'call-started' | 'call-ended'; readonly call: ScriptedCall }
  | { readonly kind: 'chunk'; readonly call: ScriptedCall; readonly chunk: Chunk };

export interface ScriptedStats {
  /** Calls begun, and what became of them. */
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  readonly aborted: number;
  /** Under way now, and at most at one time. */
  readonly active: number;
  readonly maxActive: number;
}

export interface ScriptedProvider extends Provider {
  /** The newest calls, oldest first. */
  readonly calls: readonly ScriptedCall[];
  stats(): ScriptedStats;
  /** Resolves once `condition` holds; asked again after every event. */
  until(condition: (stats: ScriptedStats) => boolean): Promise<void>;
}

/** An answer about to be given. */
interface Cue {
  readonly answer: ProviderAnswer;
  readonly chunks: readonly Chunk[];
  readonly fault: ScriptedFault | undefined;
  readonly firstMs: Latency;
  readonly chunkMs: Latency;
  readonly signal: CancelSignal;
  /** Waits as long as it draws; rejects when the caller leaves. */
  pause(latency: Latency): Promise<void>;
}

type Answerer = (call: ScriptedCall, random: Random) => ScriptedAnswer;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Opens nothing. Costs little beside the waits it is told to make. */
export function createScriptedProvider(options: ScriptedProviderOptions): ScriptedProvider {
  const { clock = systemClock, name = 'scripted', endpoint = 'script', keepCalls = 10_000, latency = {} } = options;
  const random = createRandom(options.seed ?? 1);
  const watchers = createWatchers();
  const rules = (options.rules ?? []).map(({ when, answers }) => ({ when, answer: answererOf(answers) }));
  const otherwise = options.answers === undefined ? undefined : answererOf(options.answers);
  const calls: Mutable<ScriptedCall>[] = [];
  const repeats = new Map<string, number>();
  const stats: Mutable<ScriptedStats> = { calls: 0, answered: 0, failed: 0, aborted: 0, active: 0, maxActive: 0 };

  function tell(event: ScriptedEvent): void {
    options.onEvent?.(event);
    watchers.notify();
  }
  function begin({ request, stream, apiKey, idempotencyKey }: ProviderCall): Mutable<ScriptedCall> {
    const prompt = promptOf(request.messages);
    const repeat = repeats.get(prompt) ?? 0;
    repeats.set(prompt, repeat + 1);
    const call: Mutable<ScriptedCall> = {
      index: stats.calls++,
      repeat,
      prompt,
      request,
      stream,
      apiKey,
      idempotencyKey,
      startedAtMs: clock.nowMs(),
      endedAtMs: undefined,
      outcome: 'running',
      chunks: 0,
    };
    calls.push(call);
    // In slices, so that remembering costs no shift of the whole list a call.
    if (calls.length > 2 * keepCalls) calls.splice(0, calls.length - keepCalls);
    stats.maxActive = Math.max(stats.maxActive, ++stats.active);
    tell({ kind: 'call-started', call });
    return call;
  }
  function end(call: Mutable<ScriptedCall>, outcome: Exclude<ScriptedCall['outcome'], 'running'>): void {
    call.outcome = outcome;
    call.endedAtMs = clock.nowMs();
    stats.active--;
    stats[outcome]++;
    tell({ kind: 'call-ended', call });
  }
  function scriptFor(call: ScriptedCall): ScriptedAnswer {
    const answer = rules.find(({ when }) => matches(when, call))?.answer ?? otherwise;
    if (answer !== undefined) return answer(call, random);
    const code = 'ERR_TESTING_NO_SCRIPT';
    throw new ProviderError(`${name} has no answer for call ${call.index}`, { code, provider: name });
  }

  async function* playStream(call: Mutable<ScriptedCall>, cue: Cue): AsyncGenerator<Chunk, void, undefined> {
    let contents = 0;
    await cue.pause(cue.firstMs);
    for (const chunk of cue.chunks.slice(0, chunksBefore(cue.fault))) {
      if (isContent(chunk) && contents++ > 0) await cue.pause(cue.chunkMs);
      cue.signal.throwIfAborted();
      call.chunks++;
      tell({ kind: 'chunk', call, chunk });
      yield chunk;
    }
    await fail(call, cue);
  }
  async function* playWhole(call: Mutable<ScriptedCall>, cue: Cue): AsyncGenerator<Chunk, void, undefined> {
    await cue.pause(cue.firstMs);
    await fail(call, cue);
    for (let pieces = cue.chunks.filter(isContent).length; pieces > 1; pieces--) await cue.pause(cue.chunkMs);
    const chunk: Chunk = { kind: 'response', answer: cue.answer };
    call.chunks++;
    tell({ kind: 'chunk', call, chunk });
    yield chunk;
  }
  /** Does what the fault says; nothing without one. */
  async function fail(call: ScriptedCall, { fault, signal }: Cue): Promise<void> {
    if (fault === undefined) return;
    if (fault.kind === 'stall') await untilAborted(signal);
    else throw errorOf(fault, call.stream, name, clock.wallMs());
  }
  function cueFor(call: ScriptedCall, signal: CancelSignal): Cue {
    const scripted = scriptFor(call);
    const id = `${name}-${call.index}`;
    const place = { id, model: call.request.model, promptCharacters: call.prompt.length };
    const answer = wholeAnswerOf(scripted, place);
    return {
      answer,
      chunks: chunksOf(answer, scripted.pieces),
      fault: scripted.fault,
      firstMs: scripted.firstMs ?? latency.firstMs ?? 0,
      chunkMs: scripted.chunkMs ?? latency.chunkMs ?? 0,
      signal,
      async pause(pauseLatency) {
        const ms = drawLatencyMs(pauseLatency, random);
        if (ms > 0) await sleep(clock, ms, signal);
      },
    };
  }

  async function* chat(asked: ProviderCall): AsyncGenerator<Chunk, void, undefined> {
    const signal = asked.cancel ?? asked.signal;
    signal.throwIfAborted();
    const call = begin(asked);
    let isLast = false;
    let outcome: 'answered' | 'failed' | 'aborted' = 'aborted';
    try {
      const cue = cueFor(call, signal);
      for await (const chunk of asked.stream ? playStream(call, cue) : playWhole(call, cue)) {
        isLast = chunk.kind === 'finish' || chunk.kind === 'response';
        yield chunk;
      }
      outcome = 'answered';
    } catch (error) {
      outcome = signal.aborted ? 'aborted' : 'failed';
      throw error;
    } finally {
      // Who has seen the last chunk has all, whether he reads on or not.
      end(call, outcome === 'aborted' && isLast ? 'answered' : outcome);
    }
  }

  return {
    name,
    endpoint,
    body: ({ vendor, ...request }) => ({ ...request, ...vendor }),
    chat,
    get calls() {
      return calls.slice(-keepCalls);
    },
    stats: () => ({ ...stats }),
    until: (condition) => watchers.until(() => condition(stats)),
  };
}

/** Text of the last user message; '' without one. */
function promptOf(messages: readonly Message[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.kind === 'text' ? part.text : '')).join('');
}

function answererOf(script: AnswerScript): Answerer {
  if (typeof script === 'function') return (call, random) => answerOf(script(call, random));
  if (!Array.isArray(script)) return () => answerOf(script as string | ScriptedAnswer);
  assert(script.length > 0, 'a list of answers holds one at least');
  let next = 0;
  return () => answerOf(script[Math.min(next++, script.length - 1)] as string | ScriptedAnswer);
}

function answerOf(given: string | ScriptedAnswer): ScriptedAnswer {
  return typeof given === 'string' ? { text: given } : given;
}

function matches(when: ScriptRule['when'], call: ScriptedCall): boolean {
  if (typeof when === 'string') return call.prompt.includes(when);
  // Matched anew each time: a global pattern remembers where it stopped.
  return typeof when === 'function' ? when(call) : call.prompt.search(when) >= 0;
}

function isContent({ kind }: Chunk): boolean {
  return kind !== 'start' && kind !== 'usage' && kind !== 'finish' && kind !== 'response' && kind !== 'tool-call-end';
}

function untilAborted(signal: CancelSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else onAbort(signal, () => reject(signal.reason));
  });
}
