/** Rules across settings of the client, and values derived from others: key, model, what the model takes. */
import type { OptionScope, SettleContext, Settled } from '../options/field.js';
import type { LlmConfig } from './config.js';
import { llmFields } from './fields.js';
import { acceptsSampling, resolveTarget } from './target.js';

export const llmScope: OptionScope<'llm', LlmConfig> = { name: 'llm', fields: llmFields, settle };

type Derived = { -readonly [K in keyof LlmConfig]?: Settled<LlmConfig[K]> };

function settle(draft: Readonly<LlmConfig>, context: SettleContext<LlmConfig>): Derived {
  const derived: Derived = {};
  const primary = resolveTarget(draft);
  for (const problem of primary.problems) context.report(problem);
  if (primary.keyVariable !== undefined)
    derived.apiKey = { value: primary.apiKey, note: `from ${primary.keyVariable}` };
  if (primary.modelNote !== undefined) derived.model = { value: primary.model, note: primary.modelNote };
  if (primary.model !== undefined && !acceptsSampling(primary.name, primary.model)) {
    const value = undefined;
    const note = `${primary.model} refuses it`;
    for (const key of ['temperature', 'topP'] as const) {
      if (!context.isExplicit(key)) derived[key] = { value, note };
      else
        context.report({
          path: key,
          expected: `nothing, since ${primary.model} refuses it`,
          received: String(draft[key]),
        });
    }
  }
  checkFallback(draft, context);
  checkTimeouts(draft, context);
  checkIdle(draft, context);
  return derived;
}

function checkFallback(draft: Readonly<LlmConfig>, { report }: SettleContext<LlmConfig>): void {
  draft.fallback?.targets.forEach((target, i) => {
    const { problems } = resolveTarget({ ...target, modelTier: target.modelTier ?? draft.modelTier });
    for (const { path, expected, received } of problems) {
      report({ path: 'fallback', expected: `${expected} (${path} of target ${i + 1})`, received });
    }
  });
}

/** A limit inside an attempt that is not shorter than the attempt would never act. */
function checkTimeouts(draft: Readonly<LlmConfig>, { report }: SettleContext<LlmConfig>): void {
  for (const path of ['firstTokenTimeoutMs', 'streamIdleTimeoutMs'] as const) {
    const limitMs = draft[path];
    if (limitMs === undefined || limitMs < draft.timeoutMs) continue;
    report({ path, expected: `less than timeoutMs (${draft.timeoutMs})`, received: String(limitMs) });
  }
}

/** An option that could have no effect at all is a mistake somewhere. */
function checkIdle(draft: Readonly<LlmConfig>, { isSet, isExplicit, report }: SettleContext<LlmConfig>): void {
  const needs = (path: keyof LlmConfig, other: string, isMet: boolean): void => {
    if (isExplicit(path) && !isMet) report({ path, expected: `${other} beside it`, received: 'none' });
  };
  needs('cacheScope', 'withCache', isSet('cache'));
  needs('shouldCache', 'withCache', isSet('cache'));
  needs('rateLimitAlgorithm', 'withRateLimiting', draft.requestsPerMinute !== undefined);
}
