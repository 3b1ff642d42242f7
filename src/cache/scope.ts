/** Rules across settings of the cache, and values derived from others. */
import { ceilPowerOfTwo } from '../core/bits.js';
import type { OptionScope, SettleContext } from '../options/field.js';
import type { CacheConfig } from './config.js';
import { cacheFields } from './fields.js';

export const cacheScope: OptionScope<'cache', CacheConfig> = { name: 'cache', fields: cacheFields, settle };

/** Up to this level codec 'auto' is LZ4, above it deflate. */
export const LAST_FAST_LEVEL = 6;

type Derived = ReturnType<NonNullable<OptionScope<'cache', CacheConfig>['settle']>>;

function settle(draft: Readonly<CacheConfig>, context: SettleContext<CacheConfig>): Derived {
  const { maxBytes, maxEntryBytes } = draft;
  if (maxBytes !== undefined && maxEntryBytes !== undefined && maxEntryBytes > maxBytes) {
    context.report({
      path: 'maxEntryBytes',
      expected: `at most maxBytes (${maxBytes})`,
      received: String(maxEntryBytes),
    });
  }
  if (draft.autoTuning && !draft.metrics && context.isExplicit('metrics')) {
    context.report({ path: 'metrics', expected: 'true, since the auto-tuner reads them', received: 'false' });
  }
  const rounded = draft.loadBalancing === 'hash' ? ceilPowerOfTwo(draft.shardCount) : draft.shardCount;
  return {
    ...(rounded === draft.shardCount ? {} : { shardCount: { value: rounded, note: 'rounded up to a power of two' } }),
    ...(draft.autoTuning && !draft.metrics ? { metrics: { value: true, note: 'the auto-tuner reads them' } } : {}),
    ...(context.isSet('warmup') && draft.warmup === undefined
      ? { warmup: { value: undefined, note: 'stored, then let go' } }
      : {}),
    ...(draft.compression && context.isSet('compressionLevel') && isWithoutLevels(draft)
      ? { compressionLevel: { value: draft.compressionLevel, note: 'LZ4 has no levels' } }
      : {}),
  };
}

function isWithoutLevels(draft: Readonly<CacheConfig>): boolean {
  return (
    draft.compressionCodec === 'lz4' || (draft.compressionCodec === 'auto' && draft.compressionLevel <= LAST_FAST_LEVEL)
  );
}
