import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { type ConfigError, isConfigError } from '../../src/core/errors.js';
import { formatExplanation } from '../../src/options/explain.js';
import type { OptionScope } from '../../src/options/field.js';
import { compose, labelOf, type Option, option } from '../../src/options/option.js';
import { expandProfile, type Profile, profileName, profileReference, profileTable } from '../../src/options/profile.js';
import { resolve } from '../../src/options/resolve.js';
import { duration, integer, text, word } from '../../src/options/value-type.js';
import { fc } from '../support/property.js';

interface PotConfig {
  profile: Profile | undefined;
  kind: 'fast' | 'roomy' | undefined;
  size: number;
  ttlMs: number;
  glaze: 'matt' | 'shiny';
  key: string | undefined;
  left: number | undefined;
  right: number | undefined;
}

const profiles = profileTable([
  { name: 'fast', scope: 'pot', description: 'd', evidence: 'e', settings: { size: 5, ttlMs: '1s' } },
  { name: 'roomy', scope: 'pot', description: 'd', evidence: 'e', extends: 'fast', settings: { size: 500 } },
  { name: 'looped', scope: 'pot', description: 'd', evidence: 'e', extends: 'looped', settings: {} },
]);
const sizes = integer({ min: 1, max: 1000 });
const potScope: OptionScope<'pot', PotConfig> = {
  name: 'pot',
  fields: {
    profile: {
      type: profileReference('pot', profiles),
      fallback: undefined,
      options: [],
      doc: '',
      expand: expandProfile,
    },
    kind: {
      type: profileName(profiles),
      fallback: undefined,
      options: [],
      doc: '',
      expand: (name) => ({ settings: profiles.get(name)?.settings ?? {} }),
    },
    size: { type: sizes, fallback: 10, options: ['withSize'], doc: 'Size.', live: true },
    ttlMs: { type: duration({ min: 0, max: 60_000 }), fallback: 0, options: ['withTtl'], doc: 'Life.' },
    glaze: { type: word('matt', 'shiny'), fallback: 'matt', options: ['withGlaze'], doc: 'Glaze.' },
    key: { type: text, fallback: undefined, options: ['withKey'], doc: 'Key.', secret: true },
    left: { type: sizes, fallback: undefined, options: ['withLeft'], doc: '', group: 'side' },
    right: { type: sizes, fallback: undefined, options: ['withRight'], doc: '', group: 'side' },
  },
  settle: (draft, context) => {
    if (draft.glaze === 'shiny' && draft.size > 900) {
      context.report({ path: 'size', expected: 'at most 900 when shiny', received: String(draft.size) });
    }
    return draft.size % 2 === 1 ? { size: { value: draft.size + 1, note: 'made even' } } : {};
  },
};

type PotOption = Option<'pot', Partial<PotConfig>>;
const set = (patch: Partial<PotConfig>, name = labelOf('set', Object.values(patch)[0])): PotOption =>
  option('pot', name, patch);
const raw = (patch: object, name = 'raw'): PotOption => option('pot', name, patch) as PotOption;

function problemsOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    assert(isConfigError(error));
    return error;
  }
  return assert.fail('no ConfigError');
}

describe('layers', () => {
  test('an explicit setting wins over a profile wherever it stands', () => {
    const before = resolve(potScope, [set({ size: 8 }), raw({ kind: 'fast' })]);
    const after = resolve(potScope, [raw({ kind: 'fast' }), set({ size: 8 })]);
    expect([before.config.size, after.config.size]).toEqual([8, 8]);
    expect(before.config.ttlMs).toBe(1000);
  });

  test('inside a layer the later option wins', () => {
    expect(resolve(potScope, [set({ size: 8 }), set({ size: 4 })]).config.size).toBe(4);
    expect(resolve(potScope, [raw({ kind: 'roomy' }), raw({ profile: 'fast' })]).config.size).toBe(6);
  });

  test('a profile brings in the one it extends, under its own settings', () => {
    const { config } = resolve(potScope, [raw({ profile: 'roomy' })]);
    expect([config.size, config.ttlMs]).toEqual([500, 1000]);
  });

  test('profiles that extend each other in a circle are refused', () => {
    expect(problemsOf(() => resolve(potScope, [raw({ profile: 'looped' })])).issues[0]?.expected).toMatch(/circle/);
  });

  test('the parts of a bundle count as explicit, in place', () => {
    const bundle = compose('house style', set({ size: 8 }), set({ glaze: 'shiny' }));
    const { config } = resolve(potScope, [set({ size: 4 }), bundle, raw({ kind: 'fast' })]);
    expect([config.size, config.glaze]).toEqual([8, 'shiny']);
  });

  test('a call setting wins over an explicit one and leaves the config alone', () => {
    const resolved = resolve(potScope, [set({ size: 8 })]);
    expect(resolved.withCall({ size: 2 }, 'this call').size).toBe(2);
    expect(resolved.config.size).toBe(8);
  });

  test('for any list of options the last explicit setting wins, then the last profile', () => {
    const settings = fc.array(fc.record({ size: fc.integer({ min: 1, max: 400 }), preset: fc.boolean() }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(settings, (list) => {
        const options = list.map(({ size, preset }) =>
          preset
            ? raw({ profile: { name: 'p', scope: 'pot', settings: { size: size * 2 } } })
            : set({ size: size * 2 }),
        );
        const winner = list.findLast((one) => !one.preset) ?? list.at(-1);
        expect(resolve(potScope, options).config.size).toBe(winner === undefined ? 10 : winner.size * 2);
      }),
    );
  });
});

describe('problems', () => {
  test('all of them come at once, each with who set it', () => {
    const bundle = compose('mine', raw({ glaze: 'shinny' }, 'withGlaze'));
    const error = problemsOf(() =>
      resolve(potScope, [raw({ size: 0 }, 'withSize(0)'), bundle, raw({ ttlMS: 5 }), raw({ ttlMs: 'soon' })]),
    );
    expect(error.code).toBe('ERR_CONFIG_INVALID');
    expect(error.issues.map(({ path, setBy, suggestion }) => [path, setBy, suggestion])).toEqual([
      ['size', 'withSize(0)', undefined],
      ['glaze', 'mine > withGlaze', "'shiny'"],
      ['ttlMS', 'raw', 'ttlMs'],
      ['ttlMs', 'raw', undefined],
    ]);
    expect(error.message).toContain('expected a whole number from 1 to 1000, got 0');
  });

  test('a rule across settings is reported with the option that set the value', () => {
    const error = problemsOf(() => resolve(potScope, [set({ size: 1000 }, 'withSize(1000)'), set({ glaze: 'shiny' })]));
    expect(error.issues).toMatchObject([{ path: 'size', setBy: 'withSize(1000)' }]);
  });

  test('undefined is refused: absent means default', () => {
    expect(problemsOf(() => resolve(potScope, [raw({ size: undefined })])).issues[0]?.received).toBe('undefined');
  });

  test("an inherited name such as 'constructor' is an unknown setting", () => {
    expect(problemsOf(() => resolve(potScope, [raw({ constructor: 1 })])).issues[0]?.path).toBe('constructor');
  });

  test('an option of another scope is refused at run time too', () => {
    const foreign = option('kiln', 'withHeat(9)', { heat: 9 }) as unknown as PotOption;
    expect(problemsOf(() => resolve(potScope, [foreign])).issues[0]).toMatchObject({ received: 'an option of kiln' });
  });

  test('two explicit rivals of a group are a problem', () => {
    const error = problemsOf(() => resolve(potScope, [set({ left: 1 }, 'l'), set({ right: 2 }, 'r')]));
    expect(error.issues).toMatchObject([{ setBy: 'r and l', received: 'both' }]);
  });

  test('an explicit rival replaces that of a profile, and the later profile that of the earlier', () => {
    const left = raw({ profile: { name: 'l', scope: 'pot', settings: { left: 1 } } });
    const right = raw({ profile: { name: 'r', scope: 'pot', settings: { right: 2 } } });
    expect(resolve(potScope, [set({ left: 3 }), right]).config).toMatchObject({ left: 3, right: undefined });
    expect(resolve(potScope, [left, right]).config).toMatchObject({ left: undefined, right: 2 });
    expect(resolve(potScope, [right, left]).config).toMatchObject({ left: 1, right: undefined });
  });

  test('a secret never appears in an error', () => {
    const error = problemsOf(() => resolve(potScope, [raw({ key: 12345678 })]));
    expect(JSON.stringify(error.issues) + error.message).not.toContain('12345678');
  });
});

test('what stands inside a secret never appears in an error either', () => {
  const issue = { path: 'inner', expected: 'b', received: 'sk-canary', setBy: 'c' };
  const type = { expected: 'keys', schema: undefined, parse: () => ({ ok: false as const, nested: [issue] }) };
  const fields = { keys: { type, fallback: undefined, options: [], doc: '', secret: true } };
  const error = problemsOf(() => resolve({ name: 'safe', fields }, [option('safe', 'o', { keys: 1 })]));
  expect(error.issues).toMatchObject([{ path: 'keys.inner', received: '***' }]);
});

describe('explain', () => {
  test('shows who set a value, what that shadowed, why it differs, and hides secrets', () => {
    const rows = resolve(potScope, [
      raw({ kind: 'fast' }, "kind('fast')"),
      set({ size: 7 }, 'withSize(7)'),
      set({ key: 'sk-1' }, 'withKey(...)'),
    ]).explain();
    const row = (key: string) => rows.find((one) => one.key === key);
    expect(row('size')).toMatchObject({ value: 8, setBy: 'withSize(7)', note: 'made even' });
    expect(row('size')?.shadowed).toEqual([{ value: 5, setBy: "kind('fast')" }]);
    expect(row('key')?.value).toBe('***');
    expect(row('glaze')?.setBy).toBe('default');
    expect(JSON.stringify(rows)).not.toContain('sk-1');
    expect(formatExplanation(rows)).toContain("size = 8 (made even)  [withSize(7), over kind('fast')]");
  });
});

describe('tune', () => {
  test('changes a live field, checks it, and writes it into the story', () => {
    const resolved = resolve(potScope, [set({ size: 8 })]);
    const before = resolved.config;
    expect(resolved.tune({ size: 21 }, 'auto-tuner', 1000)).toEqual(['size']);
    expect([before.size, resolved.config.size]).toEqual([8, 22]);
    expect(resolved.tune({ size: 22 }, 'tune()', 2000)).toEqual([]);
    const row = resolved.explain().find((one) => one.key === 'size');
    expect(row?.changes).toEqual([{ value: 22, setBy: 'auto-tuner', atMs: 1000 }]);
  });

  test('refuses fixed fields and bad values together, and then changes nothing', () => {
    const resolved = resolve(potScope, []);
    const error = problemsOf(() => resolved.tune({ glaze: 'shiny', size: -1 }, 'tune()', 0));
    expect(error.issues.map((issue) => issue.path).toSorted()).toEqual(['glaze', 'size']);
    expect(error.message).toContain('a field that can change while running (size)');
    expect(resolved.config).toMatchObject({ glaze: 'matt', size: 10 });
  });
});

test('a released value is gone for good, and still known by who set it', () => {
  const resolved = resolve(potScope, [set({ size: 8, key: 'k' })]);
  resolved.release('key');
  resolved.tune({ size: 20 }, 'tune()', 0);
  expect(resolved.config).toMatchObject({ size: 20, key: undefined });
  expect(resolved.explain().find((row) => row.key === 'key')).toMatchObject({ value: undefined, shadowed: [] });
  expect(resolved.isExplicit('key')).toBe(true);
});

describe('options as values', () => {
  test('an option is frozen data that survives structuredClone', () => {
    const one = set({ size: 3 }, 'withSize(3)');
    expect(structuredClone(one)).toEqual({ scope: 'pot', label: 'withSize(3)', patch: { size: 3 } });
    expect(Object.isFrozen(one) && Object.isFrozen(one.patch)).toBe(true);
  });

  test('the config is frozen', () => {
    expect(Object.isFrozen(resolve(potScope, []).config)).toBe(true);
  });

  test('words are taken in any case, durations with units', () => {
    const { config } = resolve(potScope, [raw({ glaze: 'SHINY', ttlMs: '30s' })]);
    expect([config.glaze, config.ttlMs]).toEqual(['shiny', 30_000]);
  });
});
