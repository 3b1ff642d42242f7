/** The transport profiles that ship with the package, inlined at build and checked when first asked for. Data only. */
import legacy from '../../profiles/transport/legacy.json' with { type: 'json' };
import optimized from '../../profiles/transport/optimized.json' with { type: 'json' };
import wormhole from '../../profiles/transport/wormhole.json' with { type: 'json' };
import { type ProfileTable, profileTable } from '../options/profile.js';
import { parseTransportSettings, type TransportSettings } from '../transport/settings.js';

export type TransportProfileName = 'legacy' | 'optimized' | 'wormhole';

export const transportProfiles: ProfileTable = profileTable([legacy, optimized, wormhole]);

export const DEFAULT_TRANSPORT_PROFILE: TransportProfileName = 'optimized';

/** The settings of a profile, with some replaced (`withConnectionPool`). Throws a ConfigError for illegal ones. */
export function transportSettings(
  name: TransportProfileName = DEFAULT_TRANSPORT_PROFILE,
  overrides: Readonly<Record<string, unknown>> = {},
  setBy = 'withTransport',
): TransportSettings {
  const profile = transportProfiles.get(name);
  return parseTransportSettings({ ...profile?.settings, ...overrides }, 'transport', setBy);
}
