/**
 * Plugins around a call, and around an attempt. Around a call they stand outside the cache: what they make of the request
 * is what is looked up, asked and stored, and answers from the cache go back through them.
 */
import { ConfigError } from '../../core/errors.js';
import { answerToChunks } from '../../protocol/assemble.js';
import type { ChatRequest } from '../../protocol/chat.js';
import { type Call, checkCall, type Handler, type RequestExtras, requestExtrasOf, type TargetCall } from '../call.js';
import type { LlmConfig } from '../config.js';
import { llmFields } from '../fields.js';
import { forTarget } from '../for-target.js';
import type { ClientCounters } from '../metrics.js';
import type { Plugin } from '../plugin.js';
import { PluginRun } from '../plugin-run.js';
import type { Reply } from '../reply.js';
import type { Targets } from '../targets.js';

export interface PluggedParts {
  readonly plugins: readonly Plugin[];
  readonly targets: Targets['list'];
  readonly counters: ClientCounters;
}

/** Makes the attempt of this number, from 1. */
export type AttemptHandler = (call: TargetCall, number: number) => Promise<Reply>;

/** What a request says that the client has a setting for. */
const SETTINGS = ['model', 'maxTokens', 'temperature', 'topP'] as const satisfies readonly (keyof ChatRequest &
  keyof LlmConfig)[];

export function plugged(parts: PluggedParts, next: Handler<Call>): Handler<Call> {
  const plugins = parts.plugins.filter(({ perAttempt }) => perAttempt !== true);
  if (plugins.length === 0) return next;
  return (call) => {
    const asked = forTarget(call, parts.targets[0]);
    call.trace.origin = asked.origin;
    return through(plugins, parts, asked, (request) =>
      next(request === asked.request ? call : changed(call, asked.request, request)),
    );
  };
}

/** An attempt, with the plugins that stand around every one. */
export function pluggedAttempt(parts: PluggedParts, attempt: AttemptHandler): AttemptHandler {
  const plugins = parts.plugins.filter(({ perAttempt }) => perAttempt === true);
  if (plugins.length === 0) return attempt;
  return (call, number) => through(plugins, parts, call, (request) => attempt({ ...call, request }, number));
}

async function through(
  plugins: readonly Plugin[],
  { counters }: PluggedParts,
  { request, origin, signal, isWhole }: TargetCall,
  ask: (request: ChatRequest) => Promise<Reply>,
): Promise<Reply> {
  const run = new PluginRun({ plugins, signal, isWhole, check, onError: () => counters.containedErrors++ });
  const outcome = await run.before(request);
  if ('request' in outcome) return run.back(await ask(outcome.request));
  const { answer, plugin } = outcome;
  origin.plugin = plugin;
  return run.back({ opening: isWhole ? [{ kind: 'response', answer }] : answerToChunks(answer), rest: undefined });
}

/** The call that says what the plugins made of its request; what they left alone stays each target's own. */
function changed(call: Call, given: ChatRequest, request: ChatRequest): Call {
  const differing = SETTINGS.filter((name) => request[name] !== given[name]);
  const settings = { ...call.settings, ...Object.fromEntries(differing.map((name) => [name, request[name]])) };
  const extras: Record<string, unknown> = { ...call.extras };
  const [before, after] = [requestExtrasOf(given), requestExtrasOf(request)];
  for (const name of Object.keys({ ...before, ...after }) as (keyof RequestExtras)[]) {
    if (before[name] !== after[name]) extras[name] = after[name];
  }
  return { ...call, settings, extras: extras as RequestExtras, messages: request.messages };
}

/** Throws a ConfigError for a request that no caller could have made. */
function check(request: ChatRequest): void {
  checkCall(request.messages, requestExtrasOf(request));
  for (const name of SETTINGS) {
    if (request[name] === undefined || llmFields[name].type.parse(request[name]).ok) continue;
    const { expected } = llmFields[name].type;
    throw new ConfigError('the request of a plugin', [
      { path: name, expected, received: 'another', setBy: 'a plugin' },
    ]);
  }
}
