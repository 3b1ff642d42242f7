/** Loads a package of bench/package.json when it is used, so that the repository's checks need none of them installed. */

/**
 * @param {string} name
 * @returns {Promise<any>}
 */
export function loadPackage(name) {
  return import(name);
}
