/**
 * Node's own modules that a cache needs late or never, loaded when they are first used: compression for those who compress,
 * and the generator of seeds, which alone takes a fifth of a cold import.
 */
let cryptoModule: typeof import('node:crypto') | undefined;
let zlibModule: typeof import('node:zlib') | undefined;
let v8Module: typeof import('node:v8') | undefined;

export function crypto(): typeof import('node:crypto') {
  cryptoModule ??= process.getBuiltinModule('node:crypto');
  return cryptoModule;
}

export function zlib(): typeof import('node:zlib') {
  zlibModule ??= process.getBuiltinModule('node:zlib');
  return zlibModule;
}

export function v8(): typeof import('node:v8') {
  v8Module ??= process.getBuiltinModule('node:v8');
  return v8Module;
}
