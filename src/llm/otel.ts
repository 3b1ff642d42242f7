/**
 * Spans and metrics of OpenTelemetry from a client's events, under the names of its conventions for generative AI (still in
 * development there: github.com/open-telemetry/semantic-conventions-genai). Takes `@opentelemetry/api` as an argument, so
 * nothing is imported. What was asked and answered is in no event, and so in no span.
 */
import { LRUCache } from 'lru-cache';
import type { ClientEvents } from './event-types.js';
import type { OtelApi, OtelAttributes, OtelHistogram, OtelSpan } from './otel-types.js';
import type { Client } from './types.js';

export interface OtelListener {
  /** Reports the client's calls from now on; returns the function that ends it. A client is listened to once. */
  listen(client: Pick<Client, 'on'>): () => void;
}

const SCOPE = 'sherd';
const OPERATION = 'chat';
/** Of SpanKind and SpanStatusCode. */
const INTERNAL = 0;
const CLIENT = 2;
const ERROR = 2;

/** The conventions' buckets, in seconds and in tokens. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

/** Names of the conventions where they are not ours. */
const PROVIDERS: ReadonlyMap<string, string> = new Map([
  ['openai-responses', 'openai'],
  ['azure', 'azure.ai.openai'],
  ['azure-responses', 'azure.ai.openai'],
  ['gemini', 'gcp.gemini'],
  ['kimi', 'moonshot_ai'],
  ['mistral', 'mistral_ai'],
]);

/** Calls that have ended whose attempts may still come to an end: those that lost a contest. */
const MAX_ENDED = 256;

/**
 * Reports calls to OpenTelemetry: `createOtelListener(api).listen(client)`, with `import * as api from '@opentelemetry/api'`.
 * A call is a span of kind INTERNAL below the caller's; each of its upstream calls is a span of kind CLIENT below it, with
 * the tokens. Histograms: `gen_ai.client.operation.duration`, `gen_ai.client.operation.time_to_first_chunk` (streams) and
 * `gen_ai.client.token.usage`, one value for each upstream call. An error's type is its code.
 */
export function createOtelListener(api: OtelApi): OtelListener {
  const instruments = createInstruments(api);
  return { listen: (client) => listenTo(client, api, instruments) };
}

interface Instruments {
  readonly duration: OtelHistogram;
  readonly firstChunk: OtelHistogram;
  readonly tokens: OtelHistogram;
}

function createInstruments({ metrics }: OtelApi): Instruments {
  const meter = metrics.getMeter(SCOPE);
  const create = (name: string, unit: string, description: string, explicitBucketBoundaries: number[]): OtelHistogram =>
    meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries } });
  return {
    duration: create('gen_ai.client.operation.duration', 's', 'GenAI operation duration.', SECONDS),
    firstChunk: create('gen_ai.client.operation.time_to_first_chunk', 's', 'Time to the first chunk.', SECONDS),
    tokens: create('gen_ai.client.token.usage', '{token}', 'Number of input and output tokens used.', TOKENS),
  };
}

function listenTo(client: Pick<Client, 'on'>, api: OtelApi, instruments: Instruments): () => void {
  const tracer = api.trace.getTracer(SCOPE);
  const open = new Map<number, { readonly span: OtelSpan; readonly context: unknown }>();
  const ended = new LRUCache<number, object>({ max: MAX_ENDED });

  function onStart({ call, provider, model, stream }: ClientEvents['call-started']): void {
    const attributes = { ...placeOf(provider, model), 'gen_ai.request.stream': stream };
    const span = tracer.startSpan(`${OPERATION} ${model}`, { kind: INTERNAL, attributes });
    open.set(call, { span, context: api.trace.setSpan(api.context.active(), span) });
  }
  function onEnd(event: ClientEvents['call-ended']): void {
    const begun = open.get(event.call);
    if (begun === undefined) return;
    open.delete(event.call);
    ended.set(event.call, begun.context as object);
    const { provider, model, cached, shared, target, finishReason } = event;
    // The answer may be of another target than the one that was asked first.
    if (provider !== undefined && model !== undefined) {
      begun.span.setAttributes({ 'gen_ai.provider.name': nameOf(provider), 'gen_ai.response.model': model });
    }
    begun.span.setAttributes({ 'sherd.cached': cached, 'sherd.shared': shared, 'sherd.target': target });
    if (finishReason !== undefined) begun.span.setAttributes({ 'gen_ai.response.finish_reasons': [finishReason] });
    close(begun.span, event);
  }
  function onUpstream(event: ClientEvents['upstream-call']): void {
    const endMs = Date.now();
    const startTime = new Date(endMs - event.durationMs);
    const parent = open.get(event.call)?.context ?? ended.get(event.call) ?? api.context.active();
    const attributes = attributesOf(event);
    const span = tracer.startSpan(`${OPERATION} ${event.model}`, { kind: CLIENT, attributes, startTime }, parent);
    close(span, event, new Date(endMs));
    measure(instruments, event);
  }

  const stops = [
    client.on('call-started', onStart),
    client.on('call-ended', onEnd),
    client.on('upstream-call', onUpstream),
  ];
  return () => {
    for (const stop of stops) stop();
    for (const { span } of open.values()) span.end();
    open.clear();
  };
}

function close(
  span: OtelSpan,
  { outcome, code }: Pick<ClientEvents['upstream-call'], 'outcome' | 'code'>,
  at?: Date,
): void {
  if (outcome === 'failed') {
    span.setAttributes({ 'error.type': code ?? '_OTHER' });
    span.setStatus({ code: ERROR });
  } else if (outcome === 'aborted') {
    span.setAttributes({ 'sherd.aborted': true });
  }
  span.end(at);
}

function attributesOf(event: ClientEvents['upstream-call']): OtelAttributes {
  const { provider, model, stream, usage, firstTokenMs } = event;
  const first = stream && firstTokenMs !== undefined ? firstTokenMs / 1000 : undefined;
  return dropUndefined({
    ...placeOf(provider, model),
    'gen_ai.request.stream': stream,
    'gen_ai.response.time_to_first_chunk': first,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteInputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'sherd.attempt': event.attempt,
    'sherd.attempt.kind': event.kind,
    'sherd.target': event.target,
    'sherd.cost': event.cost,
    'sherd.usage.estimated': event.isEstimate || undefined,
    'http.response.status_code': event.status,
  });
}

function measure({ duration, firstChunk, tokens }: Instruments, event: ClientEvents['upstream-call']): void {
  const { outcome, usage, isEstimate, stream, durationMs, firstTokenMs } = event;
  // How long somebody stayed says nothing of the provider.
  if (outcome === 'aborted') return;
  const place = placeOf(event.provider, event.model);
  const failure = outcome === 'failed' ? { 'error.type': event.code ?? '_OTHER' } : {};
  duration.record(durationMs / 1000, { ...place, ...failure });
  if (stream && firstTokenMs !== undefined) firstChunk.record(firstTokenMs / 1000, place);
  if (usage === undefined || isEstimate) return;
  // Where what is charged for is counted apart, that is what the conventions ask for.
  tokens.record(usage.billedInputTokens ?? usage.inputTokens, { ...place, 'gen_ai.token.type': 'input' });
  tokens.record(usage.billedOutputTokens ?? usage.outputTokens, { ...place, 'gen_ai.token.type': 'output' });
}

function placeOf(provider: string, model: string): OtelAttributes {
  return {
    'gen_ai.operation.name': OPERATION,
    'gen_ai.provider.name': nameOf(provider),
    'gen_ai.request.model': model,
  };
}

function nameOf(provider: string): string {
  return PROVIDERS.get(provider) ?? provider;
}

function dropUndefined(attributes: Readonly<Record<string, OtelAttributes[string] | undefined>>): OtelAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as OtelAttributes;
}
