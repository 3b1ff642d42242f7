/** Rules across settings of the client, and values derived from others: key, address, model, what the model takes. */
import type { OptionScope, SettleContext, Settled } from '../options/field.js';
import { findModel } from '../profiles/models.js';
import type { FallbackTarget, LlmConfig } from './config.js';
import { llmFields } from './fields.js';
import { resolveTarget } from './resolve-target.js';

export const llmScope: OptionScope<'llm', LlmConfig> = { name: 'llm', fields: llmFields, settle };

type Derived = { -readonly [K in keyof LlmConfig]?: Settled<LlmConfig[K]> };

const FOUND = ['apiKey', 'baseUrl', 'model'] as const;

function settle(draft: Readonly<LlmConfig>, context: SettleContext<LlmConfig>): Derived {
  const derived: Derived = {};
  const primary = resolveTarget(draft);
  for (const path of FOUND) {
    const { problem, note, value } = primary[path];
    if (problem !== undefined) context.report({ path, ...problem });
    // Each of the three has the type of its own setting.
    if (note !== undefined) Object.assign(derived, { [path]: { value, note } });
  }
  dropSampling(draft, primary.name, primary.model.value, context, derived);
  checkTargets(draft, context);
  checkTimeouts(draft, context);
  checkCompanions(draft, context);
  return derived;
}

/** Some models refuse temperature and topP: what a preset set is left out, what somebody asked for is a problem. */
function dropSampling(
  draft: Readonly<LlmConfig>,
  provider: string,
  model: string | undefined,
  { isExplicit, report }: SettleContext<LlmConfig>,
  derived: Derived,
): void {
  if (model === undefined || findModel(provider, model)?.acceptsSampling !== false) return;
  for (const path of ['temperature', 'topP'] as const) {
    if (!isExplicit(path)) derived[path] = { value: undefined, note: `${model} refuses it` };
    else report({ path, expected: `nothing, since ${model} refuses it`, received: String(draft[path]) });
  }
}

function checkTargets(draft: Readonly<LlmConfig>, { report }: SettleContext<LlmConfig>): void {
  const check = (setting: 'fallback' | 'router', targets: readonly FallbackTarget[]): void => {
    targets.forEach((target, i) => {
      const resolved = resolveTarget({ ...target, modelTier: target.modelTier ?? draft.modelTier });
      for (const path of FOUND) {
        const { problem } = resolved[path];
        if (problem === undefined) continue;
        report({ path: setting, ...problem, expected: `${problem.expected} (${path} of target ${i + 1})` });
      }
    });
  };
  check('fallback', draft.fallback?.targets ?? []);
  check('router', draft.router?.candidates ?? []);
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
function checkCompanions(draft: Readonly<LlmConfig>, { isSet, isExplicit, report }: SettleContext<LlmConfig>): void {
  const needs = (path: keyof LlmConfig, other: string, isMet: boolean): void => {
    if (isExplicit(path) && !isMet) report({ path, expected: `${other} beside it`, received: 'none' });
  };
  needs('cacheScope', 'withCache', isSet('cache'));
  needs('shouldCache', 'withCache', isSet('cache'));
  needs('negativeCache', 'withCache', isSet('cache'));
  needs('rateLimitAlgorithm', 'withRateLimiting', draft.requestsPerMinute !== undefined);
}
