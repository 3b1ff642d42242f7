/** Real servers and the two clients that the twenty issues are tried on: ours, and the naive one that has them all. */
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import {
  type ChatClient,
  type Client,
  type ClientOption,
  createClient,
  findModel,
  type Message,
  type PerCall,
  type ProviderName,
  userMessage,
  withAPIKey,
  withBaseURL,
  withBudget,
  withCache,
  withCircuitBreaker,
  withClock,
  withConnectionPool,
  withFallback,
  withModel,
  withProvider,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withSeed,
  withStreamIdleTimeout,
  withTimeout,
} from '../../src/llm/index.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedRequest,
  type ScriptedServer,
} from '../../src/testing/scripted-server.js';
import { NaiveClient } from '../llm/naive-client.js';

/** What a scenario asks for; both clients are made of it. Left out is what each takes by itself. */
export interface Setup {
  /** Primary and fallbacks. */
  readonly servers: readonly { readonly url: string }[];
  readonly clock?: Clock;
  readonly cache?: boolean;
  readonly retries?: number;
  readonly retryDelayMs?: number;
  readonly timeoutMs?: number;
  /** Longest silence of a stream. */
  readonly idleMs?: number;
  /** Calls that may be upstream at one time. */
  readonly places?: number;
  readonly breaker?: { readonly failureThreshold: number; readonly resetMs: number };
  /** Most tokens that may be spent. */
  readonly budgetTokens?: number;
  /** A model with a list price, in place of 'm'. */
  readonly priced?: { readonly provider: ProviderName; readonly model: string };
}

export interface Subject extends Pick<ChatClient, 'chat' | 'stream' | 'close'> {
  cacheKey(messages: readonly Message[], perCall?: PerCall): string;
  /** Calls, or places, that are taken now. */
  active(): number;
}

export type Make = (setup: Setup) => Subject;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Closed when the test ends. */
export function closing<T extends { close(): Promise<void> }>(thing: T): T {
  cleanups.push(() => thing.close());
  return thing;
}

export async function serve(script: Script): Promise<ScriptedServer> {
  return closing(await createScriptedServer(script));
}

/** Our client of these servers; vLLM is a vendor without a key whose streams must end with [DONE]. */
export function clientOf(server: { readonly url: string }, ...options: readonly ClientOption[]): Client {
  return closing(
    createClient(withProvider('vllm'), withBaseURL(`${server.url}/v1`), withModel('m'), withSeed(1), ...options),
  );
}

/** One of the twenty issues: the scenario passes with our client, and fails with the naive one by an assertion. */
export function immune(name: string, scenario: (make: Make) => Promise<void>): void {
  test(name, () => scenario(makeOurs));
  test(`${name}; the naive client does not manage`, async () => {
    await expect(scenario(makeNaive)).rejects.toMatchObject({ name: 'AssertionError' });
  });
}

const makeOurs: Make = ({ servers: [first, ...others], ...setup }) => {
  const options: ClientOption[] = [withRetryBudget({ share: 1, minPerSecond: 1000 })];
  const { clock, cache, retries, retryDelayMs, timeoutMs, idleMs, places, breaker, budgetTokens, priced } = setup;
  if (clock !== undefined) options.push(withClock(clock));
  if (cache === true) options.push(withCache(true));
  if (retries !== undefined) options.push(withRetryCount(retries));
  if (retryDelayMs !== undefined) options.push(withRetryDelay(retryDelayMs));
  if (timeoutMs !== undefined) options.push(withTimeout(timeoutMs));
  if (idleMs !== undefined) options.push(withStreamIdleTimeout(idleMs));
  if (places !== undefined) options.push(withConnectionPool(places));
  if (breaker !== undefined) {
    const { failureThreshold, resetMs } = breaker;
    options.push(withCircuitBreaker({ failureThreshold, resetTimeout: resetMs, successThreshold: 1 }));
  }
  if (budgetTokens !== undefined) options.push(withBudget({ tokens: budgetTokens, per: 'day' }));
  if (priced !== undefined) options.push(withProvider(priced.provider), withModel(priced.model), withAPIKey('none'));
  if (others.length > 0) {
    const targets = others.map(({ url }) => ({ provider: 'vllm', baseUrl: `${url}/v1`, model: 'm' }) as const);
    options.push(withFallback(targets));
  }
  const client = clientOf(first as { url: string }, ...options);
  return Object.assign(client, { active: () => client.metrics().active });
};

const makeNaive: Make = ({ servers, places, priced, ...setup }) => {
  const baseURLs = servers.map(({ url }) => `${url}/v1`);
  const limit = places === undefined ? {} : { maxConcurrent: places };
  const row = priced && findModel(priced.provider, priced.model)?.price;
  const price = row && { input: row.input / 1e6, cachedInput: 0, output: row.output / 1e6 };
  const client = closing(new NaiveClient({ ...setup, ...limit, ...(price && { price }), baseURLs }));
  return Object.assign(client, { active: () => client.state().active });
};

/** Whether it comes about within so many turns of the event loop. Loopback needs a few; no timer gets its time by them. */
export async function happens(condition: () => boolean, turns = 5000): Promise<boolean> {
  for (let i = 0; i < turns && !condition(); i++) await new Promise((resolve) => setImmediate(resolve));
  return condition();
}

export interface Outcome {
  readonly text?: string;
  readonly error?: unknown;
}
/** How a call ended, or has not yet. Never rejects. */
export function watch(call: Promise<{ readonly text: string }>): {
  outcome: Outcome | undefined;
  end: Promise<Outcome>;
} {
  const watched: { outcome: Outcome | undefined; end: Promise<Outcome> } = {
    outcome: undefined,
    end: call.then(
      ({ text }) => ({ text }),
      (error: unknown) => ({ error }),
    ),
  };
  void watched.end.then((outcome) => {
    watched.outcome = outcome;
  });
  return watched;
}

export type Kind = 'chat' | 'stream';
export const KINDS: readonly Kind[] = ['chat', 'stream'];

export function ask(
  client: Pick<ChatClient, 'chat' | 'stream'>,
  kind: Kind,
  question: string,
  perCall: PerCall = {},
): Promise<{ readonly text: string }> {
  const messages = [userMessage(question)];
  return kind === 'chat' ? client.chat(messages, perCall) : client.stream(messages, perCall).final();
}

export interface WireRequest {
  readonly stream?: boolean;
  readonly user?: string;
  readonly messages: readonly { readonly content: string }[];
}
export function bodyOf(request: ScriptedRequest): WireRequest {
  return JSON.parse(request.body) as WireRequest;
}

const USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
export const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const choice = (delta: object, finish_reason: string | null = null): string =>
  event({ id: 'c1', model: 'm', choices: [{ index: 0, delta, finish_reason }] });
export const role: string = choice({ role: 'assistant', content: '' });
export const delta = (content: string): string => choice({ content });
export const finish: string = choice({}, 'stop');
const usage: string = event({ id: 'c1', model: 'm', choices: [], usage: USAGE });
export const DONE = 'data: [DONE]\n\n';
export const failure = (message: string): string => event({ error: { type: 'overloaded_error', message } });

/** All events of a stream that says these pieces. */
export function streamed(...pieces: readonly string[]): string {
  return role + pieces.map(delta).join('') + finish + usage + DONE;
}
export function sse(body: string | Uint8Array, more: Partial<ScriptedReply> = {}): ScriptedReply {
  return { headers: { 'content-type': 'text/event-stream' }, body, framing: 'chunked', ...more };
}
export function json(text: string, more: Partial<ScriptedReply> = {}): ScriptedReply {
  const message = { role: 'assistant', content: text };
  const body = { id: 'c1', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage: USAGE };
  return { body: JSON.stringify(body), ...more };
}
/** Word by word, or whole, as it was asked. */
export function answer(request: ScriptedRequest, text: string): ScriptedReply {
  return bodyOf(request).stream === true ? sse(streamed(...(text.match(/\s*\S+/g) ?? []))) : json(text);
}
