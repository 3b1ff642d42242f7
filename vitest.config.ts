/** Runs everything under test/, which mirrors src/. Tests in test/house/ look at the built package: build first. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Without this Vitest empties every stylesheet, also one imported as text.
    css: { include: /\.css\?raw$/ },
    // Generous: a property run or a cold npm install on a busy machine is slow, not wrong.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { shuffle: true },
    restoreMocks: true,
    unstubEnvs: true,
  },
});
