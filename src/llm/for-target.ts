/** A call as one target is asked it: in the target's model, and with what that model needs. */
import { findModel } from '../profiles/models.js';
import type { ChatRequest } from '../protocol/chat.js';
import { type Call, NO_EXTRAS, type TargetCall } from './call.js';
import type { Target } from './target.js';

export function forTarget(call: Call, target: Target): TargetCall {
  const request = requestFor(call, target);
  const origin = {
    target: target.index,
    provider: target.provider.name,
    model: request.model,
    cached: false,
    stale: false,
    ageMs: undefined,
    similarity: undefined,
    shared: false,
    plugin: undefined,
    stored: false,
    firstTokenAtMs: undefined,
  };
  const { settings, messages, extras, isWhole, signal, timeLimit, caching, check, trace } = call;
  return {
    settings,
    messages,
    extras,
    isWhole,
    signal,
    timeLimit,
    caching,
    check,
    trace,
    target,
    request,
    origin,
    turn: 0,
    isRepeat: false,
    begunAs: 'first',
  };
}

/** Only the primary takes the model that a call names: the others may not have it. */
export function modelFor({ settings }: Call, target: Target): string {
  return target.index === 0 ? (settings.model ?? target.model) : target.model;
}

function requestFor(call: Call, target: Target): ChatRequest {
  const { messages, settings, extras } = call;
  const model = modelFor(call, target);
  const row = findModel(target.provider.name, model);
  const { temperature, topP } = settings;
  const takesSampling = row?.acceptsSampling ?? true;
  const effort = row?.reasoningEffort;
  const request: { -readonly [K in keyof ChatRequest]: ChatRequest[K] } = {
    model,
    messages,
    maxTokens: settings.maxTokens,
  };
  if (takesSampling && temperature !== undefined) request.temperature = temperature;
  if (takesSampling && topP !== undefined) request.topP = topP;
  if (effort !== undefined) request.reasoning = { effort };
  if (extras !== NO_EXTRAS) Object.assign(request, extras);
  return Object.freeze(request);
}
