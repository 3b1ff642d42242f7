/** The package's entries, as package.json names them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Code entries only: not the profiles, not package.json.
 * @param {string} root
 * @returns {Promise<{ name: string, specifier: string, source: string }[]>} e.g. cache, sherd/cache, src/cache/index.ts
 */
export async function listEntries(root) {
  const { name, exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([subpath, target]) => ({
      name: subpath === '.' ? 'index' : subpath.slice('./'.length),
      specifier: name + subpath.slice('.'.length),
      source: target.types.replace(/^\.\/dist\/types\//, '').replace(/\.d\.ts$/, '.ts'),
    }));
}
