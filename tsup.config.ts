/**
 * Builds the JavaScript: one ESM file per entry, shared code in chunks, JSON profiles inlined. Types come from tsc
 * (docs/decisions/0003), so a rebuild leaves dist/types alone.
 *
 * Pages need scripts and styles as text: `import script from 'uplot/dist/uPlot.iife.min.js?raw'`. Vitest knows `?raw`
 * by itself, `inlineRawText` teaches it to the build, src/text-imports.d.ts to the compiler.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const inlineRawText: Plugin = {
  name: 'inline-raw-text',
  setup(build) {
    // The path keeps its `?raw`: a path that ends in .css would be taken by tsup's own style loader.
    build.onResolve({ filter: /\?raw$/ }, async ({ path, resolveDir, kind }) => {
      const { path: file, errors } = await build.resolve(withoutQuery(path), { resolveDir, kind });
      return { path: `${file}?raw`, errors, namespace: 'raw-text' };
    });
    build.onLoad({ filter: /\?raw$/, namespace: 'raw-text' }, async ({ path }) => {
      return { contents: await readFile(withoutQuery(path), 'utf8'), loader: 'text' };
    });
  },
};

function withoutQuery(path: string): string {
  return path.slice(0, -'?raw'.length);
}

/**
 * esbuild cuts shared code by the set of entries that reach it, and each file more is a millisecond more of a cold
 * import. So every entry reaches all of the cache, which comes in one piece.
 */
const cacheInOnePiece: Plugin = {
  name: 'cache-in-one-piece',
  setup(build) {
    const cache = resolve('src/cache/index.ts');
    const others = Object.values(build.initialOptions.entryPoints ?? {}).map((entry) => resolve(String(entry)));
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path === cache || !others.includes(path)) return undefined;
      return { contents: `${await readFile(path, 'utf8')}\nimport ${JSON.stringify(cache)};\n`, loader: 'ts' };
    });
  },
};

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'cache/index': 'src/cache/index.ts',
    'llm/index': 'src/llm/index.ts',
    'options/index': 'src/options/index.ts',
    'testing/index': 'src/testing/index.ts',
    'cli/main': 'src/cli/main.ts',
  },
  format: 'esm',
  target: 'node20.19',
  platform: 'node',
  splitting: true,
  sourcemap: false,
  clean: ['!types/**'],
  esbuildPlugins: [inlineRawText, cacheInOnePiece],
});
