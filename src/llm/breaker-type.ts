/** What a breaker setting may be: the name of a profile, or the settings of one of the two modes. */

import { profileName } from '../options/profile.js';
import { decimal, duration, integer, type ValueType, word } from '../options/value-type.js';
import { type BreakerProfileName, breakerProfiles } from '../profiles/breaker.js';
import type { CircuitBreakerSettings, CountBreakerSettings, RateBreakerSettings } from './config.js';
import { groupOf, isRecord } from './setting-types.js';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const count = integer({ min: 1, max: 1000 });
const time = duration({ min: 1, max: DAY_MS });
const mode = word('count', 'rate');

/** What both modes share once the circuit is open. */
const recovery = {
  successThreshold: { type: count, fallback: 2 },
  resetTimeoutMs: { type: time, fallback: 5 * SECOND_MS },
};

const countType = groupOf<CountBreakerSettings>("breaker settings of mode 'count'", {
  mode: { type: { ...mode, schema: { enum: ['count'] } } as ValueType<'count'>, fallback: 'count' },
  failureThreshold: { type: count, fallback: 3 },
  resetAfterMs: { type: time, fallback: 30 * SECOND_MS },
  ...recovery,
});

const rateType = groupOf<RateBreakerSettings>("breaker settings of mode 'rate'", {
  mode: { type: word('rate') },
  failureRate: { type: decimal({ min: 0.01, max: 1 }), fallback: 0.5 },
  minimumCalls: { type: integer({ min: 1, max: 100_000 }), fallback: 10 },
  windowMs: { type: time, fallback: 60 * SECOND_MS },
  ...recovery,
});

const nameType = profileName<BreakerProfileName>(breakerProfiles);

/** A mode takes its own settings only: those of the other would be without effect. */
export const breakerType: ValueType<CircuitBreakerSettings> = {
  expected: `an object of breaker settings, or ${nameType.expected}`,
  parse(value) {
    if (typeof value === 'string') {
      const name = nameType.parse(value);
      return name.ok ? countType.parse(breakerProfiles.get(name.value)?.settings) : name;
    }
    const word = isRecord(value) ? mode.parse(value['mode']) : undefined;
    return word?.ok && word.value === 'rate' ? rateType.parse(value) : countType.parse(value);
  },
  schema: { oneOf: [nameType.schema, countType.schema, rateType.schema] },
};
