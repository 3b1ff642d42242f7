/** The breaker profiles that ship with the package, inlined at build. Data only. */
import legacy from '../../profiles/breaker/legacy.json' with { type: 'json' };
import optimized from '../../profiles/breaker/optimized.json' with { type: 'json' };
import wormhole from '../../profiles/breaker/wormhole.json' with { type: 'json' };
import { type ProfileTable, profileTable } from '../options/profile.js';

/** The same names as the transport profiles have: they come from the same systems. */
export type BreakerProfileName = 'legacy' | 'optimized' | 'wormhole';

export const breakerProfiles: ProfileTable = profileTable([legacy, optimized, wormhole]);
