/** What may be asked: a provider by name or of one's own, and the targets of a fallback, completed to one shape. */
import { decimal, duration, type Parsed, text, type ValueType, word } from '../options/value-type.js';
import type { ModelTier } from '../profiles/models.js';
import type { Provider } from '../providers/provider.js';
import { type ApiKeyInput, apiKeysType, hideKeys } from './api-keys.js';
import type { FallbackSettings, FallbackTarget, HedgeSettings, PlainFallbackSettings } from './config.js';
import { type ProviderName, providerNames } from './provider-names.js';
import { groupOf, isRecord, type Members } from './setting-types.js';

/** A fallback as people write it: `'local'`, a provider of one's own, or an object that says more. */
export type FallbackInput =
  | ProviderName
  | Provider
  | {
      readonly provider: ProviderName | Provider;
      readonly apiKey?: ApiKeyInput;
      readonly baseUrl?: string;
      readonly model?: string;
      readonly modelTier?: ModelTier;
    };

/** The target with its keys wrapped, so that not even the option that carries it prints them. */
export function hideKey(target: FallbackInput): unknown {
  if (typeof target !== 'object' || !('apiKey' in target) || target.apiKey === undefined) return target;
  return { ...target, apiKey: hideKeys(target.apiKey) };
}

const providerNameType: ValueType<ProviderName> = word(...providerNames);

export const providerType: ValueType<ProviderName | Provider> = {
  expected: `${providerNameType.expected}, or a Provider`,
  parse: (value) => (isProvider(value) ? { ok: true, value } : providerNameType.parse(value)),
  schema: providerNameType.schema,
};

export const modelTierType: ValueType<ModelTier> = word('fast', 'balanced', 'strong');

/** What every target says of itself. */
export const targetMembers: Members<FallbackTarget> = {
  provider: { type: providerType },
  apiKey: { type: apiKeysType, fallback: undefined },
  baseUrl: { type: text, fallback: undefined },
  model: { type: text, fallback: undefined },
  modelTier: { type: modelTierType, fallback: undefined },
};

const targetType = groupOf<FallbackTarget>('a provider, or an object that names one', targetMembers);

const DAY_MS = 86_400_000;
const mode = word('sequential', 'race', 'hedge');

const plainType = groupOf<PlainFallbackSettings>('an object with targets and a mode', {
  targets: { type: targetListType(targetType, 1) },
  mode: {
    type: { ...mode, schema: { enum: ['sequential', 'race'] } } as ValueType<PlainFallbackSettings['mode']>,
    fallback: 'sequential',
  },
});

const hedgeType = groupOf<HedgeSettings>("an object with targets and mode 'hedge'", {
  targets: { type: targetListType(targetType, 0) },
  mode: { type: word('hedge') },
  hedgeDelayMs: { type: duration({ min: 1, max: DAY_MS }), fallback: 2000 },
  hedgeShare: { type: decimal({ min: 0.001, max: 1 }), fallback: 0.05 },
});

/** `{targets, mode}`, or the targets alone. A mode takes its own settings only. */
export const fallbackType: ValueType<FallbackSettings> = {
  expected: plainType.expected,
  parse(value) {
    if (!isRecord(value)) return plainType.parse(Array.isArray(value) ? { targets: value } : value);
    const parsed = mode.parse(value['mode']);
    return parsed.ok && parsed.value === 'hedge' ? hedgeType.parse(value) : plainType.parse(value);
  },
  schema: { oneOf: [plainType.schema, hedgeType.schema] },
};

/** A list of targets; each may be a provider alone. */
export function targetListType<T extends FallbackTarget>(
  targetType: ValueType<T>,
  minItems: 0 | 1,
): ValueType<readonly T[]> {
  return {
    expected: `a list of targets, each ${targetType.expected}`,
    parse(value): Parsed<readonly T[]> {
      if (!Array.isArray(value) || value.length < minItems) return { ok: false };
      const targets: T[] = [];
      for (const item of value as readonly unknown[]) {
        const parsed = targetType.parse(isRecord(item) && !isProvider(item) ? item : { provider: item });
        if (!parsed.ok) return parsed;
        targets.push(parsed.value);
      }
      return { ok: true, value: Object.freeze(targets) };
    },
    schema: { type: 'array', minItems, items: { oneOf: [providerNameType.schema, targetType.schema] } },
  };
}

function isProvider(value: unknown): value is Provider {
  if (!isRecord(value)) return false;
  const { name, endpoint, body, chat } = value;
  return (
    [name, endpoint].every((part) => typeof part === 'string') &&
    [body, chat].every((verb) => typeof verb === 'function')
  );
}
