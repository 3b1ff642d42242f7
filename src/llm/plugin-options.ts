/** The option of plugins, and what its setting may be. */
import { type Option, option } from '../options/option.js';
import type { ValueType } from '../options/value-type.js';
import type { Plugin } from './plugin.js';
import { isRecord } from './setting-types.js';

/**
 * Puts code of your own on the way of every call: `beforeRequest` may change the request before the key of its answer is
 * made, or answer it; `onChunk` and `afterResponse` see what comes back, the first plugin last. One that throws is passed
 * over and counted (`containedErrors`). Inside the cache, around every attempt, with `perAttempt`. A later call replaces an
 * earlier one whole. cacheKey() asks no plugins. Default: none.
 */
export function withPlugins(plugins: readonly Plugin[]): Option<'llm', { plugins: readonly Plugin[] }> {
  return option('llm', 'withPlugins([...])', { plugins });
}

const HOOKS = ['beforeRequest', 'afterResponse', 'onChunk'] as const;

export const pluginsType: ValueType<readonly Plugin[]> = {
  expected: 'a list of plugins, each with a name of its own and beforeRequest, afterResponse or onChunk',
  parse(value) {
    if (!Array.isArray(value) || !value.every(isPlugin)) return { ok: false };
    const isUnique = new Set(value.map(({ name }) => name)).size === value.length;
    return isUnique ? { ok: true, value: Object.freeze([...value]) } : { ok: false };
  },
  // Code does not stand in files.
  schema: undefined,
};

function isPlugin(value: unknown): value is Plugin {
  if (!isRecord(value)) return false;
  const hooks = HOOKS.map((name) => value[name]).filter((hook) => hook !== undefined);
  const isNamed = typeof value['name'] === 'string' && value['name'] !== '';
  const { perAttempt } = value;
  return (
    isNamed &&
    hooks.length > 0 &&
    hooks.every((hook) => typeof hook === 'function') &&
    (perAttempt === undefined || typeof perAttempt === 'boolean')
  );
}
