/** Rules across settings of the client, and values derived from others: key, address, model, what the model takes. */
import type { OptionScope, SettleContext, Settled } from '../options/field.js';
import { findModel } from '../profiles/models.js';
import { keysFor } from './api-keys.js';
import type { LlmConfig } from './config.js';
import { llmFields } from './fields.js';
import { type ResolvedTarget, resolveTarget } from './resolve-target.js';

export const llmScope: OptionScope<'llm', LlmConfig> = { name: 'llm', fields: llmFields, settle };

type Derived = { -readonly [K in keyof LlmConfig]?: Settled<LlmConfig[K]> };

const FOUND = ['apiKey', 'baseUrl', 'model'] as const;

function settle(draft: Readonly<LlmConfig>, context: SettleContext<LlmConfig>): Derived {
  const derived: Derived = {};
  const primary = resolveTarget(draft);
  const others = [...othersOf(draft, 'fallback'), ...othersOf(draft, 'router')];
  for (const path of FOUND) {
    const { problem, note, value } = primary[path];
    if (problem !== undefined) context.report({ path, ...problem });
    // Each of the three has the type of its own setting.
    if (note !== undefined) Object.assign(derived, { [path]: { value, note } });
  }
  dropSampling(draft, primary.name, primary.model.value, context, derived);
  checkOthers(others, context);
  checkTimeouts(draft, context);
  const all = [{ setting: 'apiKey', place: 0, target: primary } as const, ...others];
  checkBudget(draft, all, context);
  checkKeys(all, context);
  checkBursts(draft, context);
  checkCompanions(draft, context);
  return derived;
}

/** A target, and where it stands in the settings. */
interface PlacedTarget {
  readonly setting: 'apiKey' | 'fallback' | 'router';
  /** From 1 in its setting. */
  readonly place: number;
  readonly target: ResolvedTarget;
}

function othersOf(draft: Readonly<LlmConfig>, setting: 'fallback' | 'router'): readonly PlacedTarget[] {
  const targets = setting === 'fallback' ? draft.fallback?.targets : draft.router?.candidates;
  return (targets ?? []).map((target, i) => ({
    setting,
    place: i + 1,
    target: resolveTarget({ ...target, modelTier: target.modelTier ?? draft.modelTier }),
  }));
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

function checkOthers(others: readonly PlacedTarget[], { report }: SettleContext<LlmConfig>): void {
  for (const { setting, place, target } of others) {
    for (const path of FOUND) {
      const { problem } = target[path];
      if (problem === undefined) continue;
      report({ path: setting, ...problem, expected: `${problem.expected} (${path} of target ${place})` });
    }
  }
}

/** Money can be counted only where the price is known. */
function checkBudget(
  draft: Readonly<LlmConfig>,
  targets: readonly PlacedTarget[],
  { report }: SettleContext<LlmConfig>,
): void {
  if (draft.budget?.money === undefined) return;
  for (const { target } of targets) {
    const { name, model } = target;
    if (model.value === undefined || findModel(name, model.value)?.price !== undefined) continue;
    const expected = `tokens, since ${model.value} of ${name} has no list price`;
    report({ path: 'budget', expected, received: 'money' });
  }
}

/** A target that has keys needs one for its own model. */
function checkKeys(targets: readonly PlacedTarget[], { report }: SettleContext<LlmConfig>): void {
  for (const { setting, target } of targets) {
    const { name, apiKey, model } = target;
    if (apiKey.value === undefined || model.value === undefined) continue;
    if (keysFor(apiKey.value, model.value).length > 0) continue;
    const expected = `a key that is for ${model.value} of ${name}`;
    report({ path: setting, expected, received: 'none' });
  }
}

/** A limit inside an attempt that is not shorter than the attempt would never act. */
function checkTimeouts(draft: Readonly<LlmConfig>, { report }: SettleContext<LlmConfig>): void {
  for (const path of ['firstTokenTimeoutMs', 'streamIdleTimeoutMs'] as const) {
    const limitMs = draft[path];
    if (limitMs === undefined || limitMs < draft.timeoutMs) continue;
    report({ path, expected: `less than timeoutMs (${draft.timeoutMs})`, received: String(limitMs) });
  }
}

const BURSTS = [
  ['requestBurst', 'requestsPerMinute'],
  ['tokenBurst', 'tokensPerMinute'],
] as const;

/** A burst is a part of its limit, and the windows have none. */
function checkBursts(draft: Readonly<LlmConfig>, { report }: SettleContext<LlmConfig>): void {
  for (const [path, limited] of BURSTS) {
    const burst = draft[path];
    const limit = draft[limited];
    if (burst === undefined) continue;
    const received = String(burst);
    if (limit === undefined) report({ path, expected: `${limited} beside it`, received });
    else if (burst > limit) report({ path, expected: `at most ${limited} (${limit})`, received });
    if (draft.rateLimitAlgorithm === 'token-bucket') continue;
    report({ path, expected: `nothing, since ${draft.rateLimitAlgorithm} has no burst`, received });
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
  needs('semanticCache', 'withCache', isSet('cache'));
  needs(
    'rateLimitAlgorithm',
    'withRateLimiting',
    draft.requestsPerMinute !== undefined || draft.tokensPerMinute !== undefined,
  );
}
