/** Node's own modules that only compression needs: loaded when it is first used, since most caches compress nothing. */
let zlibModule: typeof import('node:zlib') | undefined;
let v8Module: typeof import('node:v8') | undefined;

export function zlib(): typeof import('node:zlib') {
  zlibModule ??= process.getBuiltinModule('node:zlib');
  return zlibModule;
}

export function v8(): typeof import('node:v8') {
  v8Module ??= process.getBuiltinModule('node:v8');
  return v8Module;
}
