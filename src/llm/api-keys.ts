/** The keys of a target as settings: one, or several with weights and the models they are for. They never print. */
import { createHash } from 'node:crypto';
import { REDACTED, Secret } from '../core/secret.js';
import { decimal, type Parsed, text, type ValueType } from '../options/value-type.js';
import { matchesGlob } from '../structures/glob.js';
import type { ApiKey } from './config.js';
import { groupOf, isRecord, secretText } from './setting-types.js';

/** One of several keys, as people write it. */
export interface ApiKeyEntry {
  readonly value: string | Secret;
  /** The models it is for: names, or globs like 'gpt-4*'. Default: all. */
  readonly models?: readonly string[];
  /** 0.001 to 1,000,000. Default 1. */
  readonly weight?: number;
}

/** A key, or several to take turns. */
export type ApiKeyInput = string | Secret | readonly (string | Secret | ApiKeyEntry)[];

const DEFAULT_WEIGHT = 1;
const keyText = secretText('a key, a string that is not empty');

const entryType = groupOf<ApiKey>('a key, or an object with its value', {
  value: { type: keyText },
  models: { type: modelList(), fallback: undefined },
  weight: { type: decimal({ min: 0.001, max: 1_000_000 }), fallback: DEFAULT_WEIGHT },
});

/** Keys are wrapped at once, so that not even the option that carries them prints them; the field does the rest. */
export function hideKeys(input: ApiKeyInput): unknown {
  return Array.isArray(input) ? input.map(hideEntry) : hideText(input);
}

export function soleKey(value: Secret): readonly ApiKey[] {
  return Object.freeze([Object.freeze({ value, models: undefined, weight: DEFAULT_WEIGHT })]);
}

/** Those that are for a model. O(keys x globs). */
export function keysFor<K extends Pick<ApiKey, 'models'>>(keys: readonly K[], model: string): readonly K[] {
  return keys.filter(({ models }) => models === undefined || models.some((glob) => matchesGlob(glob, model)));
}

/** Names the keys together without telling one: their order, weights and models do not matter. */
export function digestOf(keys: readonly ApiKey[]): string {
  const digests = keys.map(({ value }) => value.digest()).sort();
  if (digests.length < 2) return digests[0] ?? '';
  return createHash('sha256').update(digests.join(' ')).digest('hex');
}

export const apiKeysType: ValueType<readonly ApiKey[]> = {
  expected: 'a key, or a list of keys, no two alike, each a string or { value, models?, weight? }',
  parse(given): Parsed<readonly ApiKey[]> {
    if (!Array.isArray(given)) {
      const sole = keyText.parse(given);
      return sole.ok ? { ok: true, value: soleKey(sole.value) } : sole;
    }
    if (given.length === 0) return { ok: false };
    const keys: ApiKey[] = [];
    for (const [index, item] of (given as readonly unknown[]).entries()) {
      const parsed = entryType.parse(isRecord(item) && !(item instanceof Secret) ? item : { value: item });
      if (!parsed.ok) return at(index, parsed);
      keys.push(parsed.value);
    }
    const isTwice = new Set(keys.map(({ value }) => value.reveal())).size < keys.length;
    return isTwice ? { ok: false } : { ok: true, value: Object.freeze(keys) };
  },
  // Keys do not stand in files.
  schema: undefined,
};

function modelList(): ValueType<readonly string[]> {
  return {
    expected: 'a list of at least one model, each a name or a glob',
    parse(given) {
      const isList = Array.isArray(given) && given.length > 0 && given.every((model) => text.parse(model).ok);
      return isList ? { ok: true, value: Object.freeze([...(given as readonly string[])]) } : { ok: false };
    },
    schema: undefined,
  };
}

/** The problems of one entry, at its place; what stood there may be a key and is not quoted. */
function at(index: number, refusal: Extract<Parsed<ApiKey>, { ok: false }>): Parsed<never> {
  const nested = (refusal.nested ?? []).map((issue) => ({
    ...issue,
    path: `${index}.${issue.path}`,
    received: REDACTED,
  }));
  return { ok: false, nested };
}

function hideEntry(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || !('value' in entry)) return hideText(entry);
  return { ...entry, value: hideText(entry.value) };
}

function hideText(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? new Secret(value) : value;
}
