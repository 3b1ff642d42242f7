/** Unpacks a trace file by its ending: gzip by Node, zstd by Node where it can, else by the program, xz by the program. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

/**
 * The bytes of the file, unpacked. Rejects with what is missing: the file, or the program that can unpack it.
 * @param {string} path
 * @returns {Promise<Buffer>}
 */
export async function readUnpacked(path) {
  const packed = await readFile(path);
  if (path.endsWith('.gz')) return promisify(zlib.gunzip)(packed);
  if (path.endsWith('.zst')) return unpackZstd(packed);
  if (path.endsWith('.xz')) return pipeThrough('xz', packed, 'xz (Debian: xz-utils)');
  return packed;
}

/** @param {Buffer} packed */
async function unpackZstd(packed) {
  const own = /** @type {Record<string, any>} */ (zlib)['zstdDecompress'];
  if (own !== undefined) return promisify(own)(packed);
  return pipeThrough('zstd', packed, 'zstd (Debian: zstd), or Node 22.15 or later');
}

/**
 * @param {string} program that reads packed bytes and writes unpacked ones
 * @param {Buffer} packed
 * @param {string} need what to install when the program is not there
 * @returns {Promise<Buffer>}
 */
function pipeThrough(program, packed, need) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
    /** @type {Buffer[]} */
    const pieces = [];
    child.once('error', () => reject(new Error(`unpacking it needs ${need}`)));
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(pieces)) : reject(new Error(`${program} ended with exit code ${code}`)),
    );
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.stdin.on('error', () => undefined); // a program that cannot be started is reported by 'error'
    child.stdin.end(packed);
  });
}
