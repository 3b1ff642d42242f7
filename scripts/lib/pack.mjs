/** Packs the built package as it would be published. Builds nothing. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * @param {string} root
 * @param {string} directory where the tarball goes
 * @returns {Promise<{ tarball: string, packedBytes: number, installedBytes: number, files: string[] }>}
 */
export async function pack(root, directory) {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', directory],
    { cwd: root, maxBuffer: 2 ** 26 },
  );
  const answer = JSON.parse(stdout);
  const { filename, size, unpackedSize, files } = Array.isArray(answer) ? answer[0] : Object.values(answer)[0];
  return {
    tarball: join(directory, filename),
    packedBytes: size,
    installedBytes: unpackedSize,
    files: files.map((file) => file.path),
  };
}
