/** What the transport may be set to: the name of a profile, or settings that replace some of a profile's. */
import { isConfigError } from '../core/errors.js';
import { profileName } from '../options/profile.js';
import type { ValueType } from '../options/value-type.js';
import { type TransportProfileName, transportProfiles, transportSettings } from '../profiles/transport.js';
import { transportSchemas } from '../transport/settings.js';
import type { TransportChoice } from './config.js';
import { isRecord } from './setting-types.js';

const nameType = profileName<TransportProfileName>(transportProfiles);

export const transportType: ValueType<TransportProfileName | TransportChoice> = {
  expected: `${nameType.expected}, or an object of transport settings`,
  parse(value) {
    if (!isRecord(value)) return nameType.parse(value);
    const { profile, ...overrides } = value;
    const name = profile === undefined ? undefined : nameType.parse(profile);
    if (name?.ok === false) {
      const issue = { path: 'profile', expected: nameType.expected, received: 'another value', setBy: 'profile' };
      return { ok: false, nested: [{ ...issue, suggestion: name.suggestion }] };
    }
    try {
      const settings: Readonly<Record<string, unknown>> = { ...transportSettings(name?.value, overrides) };
      // Only what was written: the rest is the profile's, also in explain().
      const own = Object.keys(overrides).map((key) => [key, settings[key]]);
      const choice = { ...Object.fromEntries(own), ...(name === undefined ? {} : { profile: name.value }) };
      return { ok: true, value: Object.freeze(choice) as TransportChoice };
    } catch (error) {
      if (!isConfigError(error)) throw error;
      const nested = error.issues.map((issue) => ({ ...issue, path: issue.path.replace(/^transport\./, '') }));
      return { ok: false, nested };
    }
  },
  schema: {
    oneOf: [
      nameType.schema,
      { type: 'object', additionalProperties: false, properties: { profile: nameType.schema, ...transportSchemas } },
    ],
  },
};
