/** The policies of a store under test, by name: those that the engine makes, and `adaptive`, which is made above it. */
import { WindowTuner } from '../../src/adaptive/window-tuner.js';
import type { Random } from '../../src/core/random.js';
import { createPolicyFamily } from '../../src/engine/create-policy.js';
import { createWTinyLfuFamily } from '../../src/engine/policies/w-tinylfu.js';
import type { PolicyFamily, PolicyName } from '../../src/engine/policy.js';

/** Only 'random' draws from `random`, and only 'adaptive' asks the tuner. */
export function createFamily(name: PolicyName, random: Random, tuner: WindowTuner = new WindowTuner()): PolicyFamily {
  return name === 'adaptive' ? createWTinyLfuFamily(tuner) : createPolicyFamily(name, random);
}
