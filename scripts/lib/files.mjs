/** Lists files of the tree that are ours: installed packages are not. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/**
 * Paths relative to `root`, with forward slashes, sorted. A folder that does not exist holds no files.
 * @param {string} root
 * @param {string[]} folders
 * @param {...string} endings
 * @returns {Promise<string[]>}
 */
export async function listFiles(root, folders, ...endings) {
  const lists = await Promise.all(folders.map((folder) => listFolder(join(root, folder))));
  return lists
    .flat()
    .filter((file) => endings.some((ending) => file.endsWith(ending)))
    .map((file) => relative(root, file).split(sep).join('/'))
    .sort();
}

async function listFolder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.split(sep).includes('node_modules'));
}
