/** Finds and decodes the traces a run wants, and says of each one that is missing why, and where it is to be had. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TRACES } from './catalogue.mjs';
import { decodeTrace } from './decode.mjs';

const BESIDE = fileURLToPath(new URL('../../../../shared/traces', import.meta.url));

/** The folder of traces: SHERD_TRACES, else `shared/traces` beside the checkout. */
export function tracesFolder() {
  const named = process.env['SHERD_TRACES'];
  return named === undefined ? BESIDE : resolve(named);
}

/**
 * @param {import('./catalogue.mjs').TraceEntry} entry
 * @returns {Promise<{ trace: import('./decode.mjs').Trace } | { missing: string }>}
 */
export async function loadTrace({ file, format, source, accesses }) {
  const path = join(tracesFolder(), file);
  if (!existsSync(path)) return { missing: `no file ${file} in the folder of traces (SHERD_TRACES); from ${source}` };
  try {
    const trace = await decodeTrace(path, format);
    if (trace.accesses.length === accesses) return { trace };
    return {
      missing: `${file} holds ${trace.accesses.length} accesses, expected ${accesses}: another trace, or cut off`,
    };
  } catch (error) {
    return { missing: `${file}: ${/** @type {Error} */ (error).message}` };
  }
}

/** @param {import('../../lib/suite.mjs').Scale} scale */
export function tracesFor(scale) {
  return scale === 'full' ? TRACES : TRACES.filter(({ isShort }) => isShort);
}
