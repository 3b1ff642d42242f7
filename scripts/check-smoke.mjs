/** Imports every entry of the built package and uses the cache once, on the Node that runs it. Usage: npm run test:nodes */
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { listEntries } from './lib/entries.mjs';

const entries = await listEntries(fileURLToPath(new URL('..', import.meta.url)));
const modules = new Map();
for (const { name, specifier } of entries) modules.set(name, await import(specifier));
for (const [name, module] of modules) assert.ok(Object.keys(module).length > 0, `${name} exports nothing`);

const cache = modules.get('cache').createShardedCache();
assert.equal(cache.set('key', 'value'), true);
assert.equal(cache.get('key'), 'value');
await cache.close();
console.log(`node ${process.version}: ${entries.length} entries import, the cache answers`);
