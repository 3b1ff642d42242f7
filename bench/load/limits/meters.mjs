/** The rate limits that are put under load: each is a client of its own, which the stub knows by the model it asks. */

export const WINDOW_MS = 60_000;

/**
 * @typedef {object} Meter
 * @property {'token-bucket' | 'sliding-window' | 'fixed-window'} algorithm
 * @property {'requests' | 'tokens'} unit
 * @property {number} limit units a minute
 * @property {number} offeredRps several times what is allowed
 */

const REQUESTS = { unit: /** @type {const} */ ('requests'), limit: 1_000, offeredRps: 50 };
const TOKENS = { unit: /** @type {const} */ ('tokens'), limit: 20_000, offeredRps: 10 };

/** @type {Record<string, Meter>} */
export const METERS = {
  'requests-token-bucket': { algorithm: 'token-bucket', ...REQUESTS },
  'requests-sliding-window': { algorithm: 'sliding-window', ...REQUESTS },
  'requests-fixed-window': { algorithm: 'fixed-window', ...REQUESTS },
  'tokens-token-bucket': { algorithm: 'token-bucket', ...TOKENS },
  'tokens-sliding-window': { algorithm: 'sliding-window', ...TOKENS },
  'tokens-fixed-window': { algorithm: 'fixed-window', ...TOKENS },
};

/** Most units that any minute may hold: beside what the minute brings, a bucket that was full gives all of it. @param {Meter} meter */
export function allowedBy({ algorithm, limit }) {
  return algorithm === 'token-bucket' ? 2 * limit : limit;
}
