/** Re-runs every option's own test with the option's field forced to its default: `npm run test:options`. */
import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

export default defineConfig({
  test: {
    ...base.test,
    include: ['test/**/*.options.test.ts'],
    setupFiles: ['test/support/forced-default.setup.ts'],
    env: { SHERD_FORCE_DEFAULTS: '1' },
  },
});
