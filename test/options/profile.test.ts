import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { type ConfigIssue, isConfigError } from '../../src/core/errors.js';
import type { OptionScope } from '../../src/options/field.js';
import { option } from '../../src/options/option.js';
import {
  expandProfile,
  type Profile,
  profileLabel,
  profileReference,
  profileTable,
} from '../../src/options/profile.js';
import { type Resolved, resolve } from '../../src/options/resolve.js';
import { integer, parsed } from '../../src/options/value-type.js';

interface PotConfig {
  profile: Profile | undefined;
  size: number;
  key: string | undefined;
}

const shipped = profileTable([{ name: 'small', scope: 'pot', description: 'd', evidence: 'e', settings: { size: 5 } }]);
const scope: OptionScope<'pot', PotConfig> = {
  name: 'pot',
  fields: {
    profile: {
      type: profileReference('pot', shipped),
      fallback: undefined,
      options: ['withProfile'],
      doc: '',
      expand: expandProfile,
    },
    size: { type: integer({ min: 1, max: 9 }), fallback: 1, options: ['withSize'], doc: '' },
    key: {
      type: parsed('a key', (value) => (typeof value === 'string' ? value : undefined)),
      fallback: undefined,
      options: ['withKey'],
      doc: '',
      secret: true,
    },
  },
};
const withProfile = (profile: unknown): Resolved<PotConfig> => resolve(scope, [option('pot', 'p', { profile })]);

function issuesOf(profile: unknown): readonly ConfigIssue[] {
  try {
    withProfile(profile);
  } catch (error) {
    assert(isConfigError(error));
    return error.issues;
  }
  return assert.fail('no ConfigError');
}

describe('a profile', () => {
  test.each([
    ['by name', 'SMALL'],
    ['as an object', { name: 'x', settings: { size: 5 } }],
    ['as JSON text', ' {"name": "x", "scope": "pot", "settings": {"size": 5}}'],
    ['that extends one', { name: 'x', extends: 'small', settings: {} }],
  ])('is taken %s', (_how, profile) => {
    expect(withProfile(profile).config.size).toBe(5);
  });

  test.each([
    ['text that is no JSON', '{"name": ', ['profile.json']],
    ['another scope', { name: 'x', scope: 'kiln', settings: {} }, ['profile.scope']],
    ['no name and no settings', { description: 5 }, ['profile.name', 'profile.description', 'profile.settings']],
    ['settings in a list', { name: 'x', settings: [] }, ['profile.settings']],
    ['an unknown key', { name: 'x', extend: 'small', settings: {} }, ['profile.extend']],
    ['two bases', { name: 'x', extends: 'small', settings: { profile: 'small' } }, ['profile.settings.profile']],
    ['an unknown base', { name: 'x', extends: 'smal', settings: {} }, ['profile']],
    ['an unknown name', 'smal', ['profile']],
    ['a list', [], ['profile']],
    ['bad settings', { name: 'x', settings: { size: 0, sise: 1 } }, ['size', 'sise']],
  ])('with %s is refused, every problem by its path', (_what, profile, paths) => {
    expect(issuesOf(profile).map((issue) => issue.path)).toEqual(paths);
  });

  test('with a slip in a key is asked whether another was meant', () => {
    expect(issuesOf({ name: 'x', extend: 'small', settings: {} })[0]?.suggestion).toBe('extends');
  });

  test('cannot reach a prototype', () => {
    const paths = issuesOf(
      '{"name": "x", "__proto__": {"a": 1}, "settings": {"__proto__": {"polluted": 1}, "constructor": {"prototype": 1}}}',
    ).map((issue) => issue.path);
    expect(paths).toEqual(['profile.__proto__']);
    const inner = issuesOf(
      '{"name": "x", "settings": {"__proto__": {"polluted": 1}, "constructor": {"prototype": 1}}}',
    );
    expect(inner.map((issue) => issue.path)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('is shown by its name, and its secrets nowhere', () => {
    const text = '{"name": "mine", "settings": {"key": "sk-canary"}}';
    const rows = withProfile(text).explain();
    expect(rows.map(({ key, value }) => [key, value])).toEqual([
      ['profile', 'mine'],
      ['size', 1],
      ['key', '***'],
    ]);
    expect(JSON.stringify(rows)).not.toContain('canary');
    const broken = '{"settings": {"key": "sk-canary"}}';
    expect(JSON.stringify(issuesOf(broken))).not.toContain('canary');
    expect(JSON.stringify(issuesOf('{"key": "sk-canary"'))).not.toContain('canary');
  });

  test.each([
    ['small', 'small'],
    [{ name: 'mine' }, 'mine'],
    ['{"name": "mine", "settings": {"key": "sk-canary"}}', 'mine'],
    [null, null],
  ])('a label shows of %j only %j', (profile, label) => {
    expect(profileLabel(profile)).toBe(label);
  });

  test('a label of text without a name shows nothing of it', () => {
    expect(profileLabel('{"key": "sk-canary"')).toEqual({});
  });

  test('that is shipped cannot be changed by who reads it', () => {
    expect(Object.isFrozen(shipped.get('small')) && Object.isFrozen(shipped.get('small')?.settings)).toBe(true);
  });

  test('has its own settings win over what it brings in, whatever their order', () => {
    const own = { profile: 'small', size: 7 };
    for (const settings of [own, { size: 7, profile: 'small' }]) {
      expect(withProfile({ name: 'x', settings }).config.size).toBe(7);
    }
  });
});
