/** The gates hold on the real tree; and each violation planted in a copy of it makes its gate fail and is named. */
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, ROOT, runScript } from './run-script.js';

const GATES = [
  'check-floors.mjs',
  'check-lengths.mjs',
  'check-dependencies.mjs',
  'check-purity.mjs',
  'check-errors.mjs',
  'check-api.mjs',
] as const;
type Gate = (typeof GATES)[number];

const TARGET = `export const target: number = 1;\nexport type Target = number;\n`;
const FILES: Record<string, string> = {
  'engine/planted-target.ts': TARGET,
  'structures/planted-target.ts': TARGET,
  'core/planted-value.ts': `import { target } from '../engine/planted-target.js';\nexport const value: number = target;\n`,
  'core/planted-type.ts': `import type { Target } from '../engine/planted-target.js';\nexport type Value = Target;\n`,
  'core/planted-inline-type.ts': `export type Value = import('../engine/planted-target.js').Target;\n`,
  'core/planted-export.ts': `export { target } from '../engine/planted-target.js';\n`,
  'core/planted-type-export.ts': `export type { Target } from '../engine/planted-target.js';\n`,
  'core/planted-star.ts': `export * from '../engine/planted-target.js';\n`,
  'core/planted-dynamic.ts': `export const load = (): Promise<unknown> => import('../engine/planted-target.js');\n`,
  'codec/planted-neighbour.ts': `import type { Target } from '../structures/planted-target.js';\nexport type Value = Target;\n`,
  'core/planted-circle.ts': `import type { B } from './planted-circle-back.js';\nexport type A = B | 1;\n`,
  'core/planted-circle-back.ts': `import type { A } from './planted-circle.js';\nexport type B = A | 2;\n`,
  'engine/planted-entry.ts': `import { ConfigError } from '../options/index.js';\nexport const value: unknown = ConfigError;\n`,
  'engine/planted-index.ts': TARGET,
  'engine/planted-index-user.ts': `import type { Target } from './planted-index.js';\nexport type Value = Target;\n`,
  'core/planted-outside.ts': `import config from '../../tsconfig.json' with { type: 'json' };\nexport const value: unknown = config;\n`,
  'core/planted-dev.ts': `import { run } from 'vitest';\nexport const value: unknown = run;\n`,
  'core/planted-lost.ts': `import { nothing } from './planted-nowhere.js';\nexport const value: unknown = nothing;\n`,
  'core/planted-require.ts': `import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('cac');\n`,
  'attic/planted.ts': `export const value = 1;\n`,
  'core/planted-long.ts': '// a line\n'.repeat(501),
  'core/planted-full.ts': '// a line\n'.repeat(500),
  'engine/planted-clock.ts': `export const at: number = Date.now();\n`,
  'engine/planted-timer.ts': `setTimeout(() => {}, 1);\n`,
  'engine/planted-promise-timer.ts': `import { setTimeout as sleep } from 'node:timers/promises';\nawait sleep(1);\n`,
  'engine/planted-dice.ts': `export const dice: number = Math.random();\n`,
  'engine/planted-env.ts': `export const home: unknown = process.env['HOME'];\n`,
  'engine/planted-comment.ts': `// Date.now() and Math.random() in a comment\nexport const text = 'Date.now()';\n`,
  'engine/planted-error.ts': `export function fail(): never {\n  throw new Error('plain');\n}\n`,
  'engine/planted-reject.ts': `export const failed: Promise<never> = Promise.reject(new TypeError('plain'));\n`,
  'engine/planted-code.ts': `export const code = 'ERR_PLANTED_CODE';\n`,
};

const PLANTED: readonly (readonly [violation: string, gate: Gate, line: RegExp])[] = [
  ['a value import upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-value\.ts/],
  ['a type-only import upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-type\.ts/],
  ['an inline type import upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-inline-type\.ts/],
  ['a re-export upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-export\.ts/],
  ['a type re-export upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-type-export\.ts/],
  ['a star re-export upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-star\.ts/],
  ['a dynamic import upward', 'check-floors.mjs', /^floor-0-core: src\/core\/planted-dynamic\.ts/],
  ['an import across one floor', 'check-floors.mjs', /^floor-1-codec: src\/codec\/planted-neighbour\.ts/],
  ['a circle of types in one folder', 'check-floors.mjs', /^no-circle: src\/core\/planted-circle/],
  ['an entry imported inside', 'check-floors.mjs', /^no-entry-inside: src\/engine\/planted-entry\.ts/],
  ['options in the engine', 'check-floors.mjs', /^no-options-in-engine: src\/engine\/planted-entry\.ts/],
  ['a file outside src imported', 'check-floors.mjs', /^no-outside: src\/core\/planted-outside\.ts/],
  ['a development package imported', 'check-floors.mjs', /^no-unlisted-package: src\/core\/planted-dev\.ts/],
  ['an import that finds nothing', 'check-floors.mjs', /^not-unresolvable: src\/core\/planted-lost\.ts/],
  ['a folder without a floor', 'check-floors.mjs', /^src\/attic: stands on no floor/],
  ['a file of 501 lines', 'check-lengths.mjs', /^src\/core\/planted-long\.ts: 501 lines/],
  ['a named package imported nowhere', 'check-dependencies.mjs', /^planted-package: named in dependencies/],
  ['a package loaded by sherd/cache', 'check-dependencies.mjs', /^src\/cache\/index\.ts: .* would load undici/],
  ['a package required by sherd/cache', 'check-dependencies.mjs', /^src\/core\/planted-require\.ts: .* would load cac/],
  ['the clock read below the cache', 'check-purity.mjs', /^src\/engine\/planted-clock\.ts:1: Date\.now/],
  ['a timer set below the cache', 'check-purity.mjs', /^src\/engine\/planted-timer\.ts:1: setTimeout/],
  ['a timer imported below the cache', 'check-purity.mjs', /^src\/engine\/planted-promise-timer\.ts:1: setTimeout/],
  ['a die thrown below the cache', 'check-purity.mjs', /^src\/engine\/planted-dice\.ts:1: Math\.random/],
  ['the environment read below the cache', 'check-purity.mjs', /^src\/engine\/planted-env\.ts:1: process\.env/],
  ['a plain Error thrown', 'check-errors.mjs', /^src\/engine\/planted-error\.ts:2: Error is no typed error/],
  ['a promise rejected with a plain error', 'check-errors.mjs', /^src\/engine\/planted-reject\.ts:1: TypeError/],
  ['a code that the reference lacks', 'check-errors.mjs', /^src\/engine\/planted-code\.ts: ERR_PLANTED_CODE is not in/],
  ['a code that stands only in the reference', 'check-errors.mjs', /errors\.md: ERR_PLANTED_GHOST stands nowhere/],
  ['a new exported name', 'check-api.mjs', /^cache: new value plantedName/],
];

const INNOCENT = [
  ['a file whose name ends in index', 'check-floors.mjs', 'planted-index-user.ts'],
  ['a file of 500 lines', 'check-lengths.mjs', 'planted-full.ts'],
  ['impure names in comments and strings', 'check-purity.mjs', 'planted-comment.ts'],
] as const;

describe('the real tree', () => {
  test.each(GATES)('passes %s', async (gate) => {
    const { code, lines } = await runScript(gate);
    expect(lines.filter((line) => line !== '')).toEqual([expect.stringMatching(/: ok$/)]);
    expect(code).toBe(0);
  });
});

describe('a copy with planted violations', () => {
  const outcomes = new Map<Gate, Outcome>();
  let copy = '';

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'sherd-planted-'));
    await plant(copy);
    for (const gate of GATES) outcomes.set(gate, await runScript(gate, copy));
  }, 120_000);
  afterAll(() => rm(copy, { recursive: true }));

  test.each(PLANTED)('fails for %s', (_violation, gate, line) => {
    expect(outcomes.get(gate)?.lines).toContainEqual(expect.stringMatching(line));
    expect(outcomes.get(gate)?.code).toBe(1);
  });

  test.each(INNOCENT)('does not blame %s', (_subject, gate, file) => {
    expect(outcomes.get(gate)?.lines).toContainEqual(expect.stringMatching(/ problem\(s\)$/));
    expect(outcomes.get(gate)?.lines.filter((line) => line.includes(file))).toEqual([]);
  });
});

async function plant(copy: string): Promise<void> {
  for (const path of ['src', 'profiles', 'docs', 'package.json', 'tsconfig.json', 'test/house/api']) {
    await cp(join(ROOT, path), join(copy, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(copy, 'src', file)), { recursive: true });
    await writeFile(join(copy, 'src', file), text);
  }
  await appendFile(
    join(copy, 'src/cache/index.ts'),
    `import { request } from 'undici';\nexport const plantedName: unknown = request;\nimport '../core/planted-require.js';\n`,
  );
  await appendFile(join(copy, 'docs/reference/errors.md'), '\nERR_PLANTED_GHOST\n');
  const manifest = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8'));
  manifest.dependencies['planted-package'] = '1.0.0';
  await writeFile(join(copy, 'package.json'), JSON.stringify(manifest));
}
