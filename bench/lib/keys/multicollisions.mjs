/**
 * Keys that a 32-bit FNV-1a hash cannot tell apart: at each stage two blocks of characters that lead from the stage's
 * state to one and the same next state, so n stages make 2^n keys of one hash (Joux, "Multicollisions in iterated hash
 * functions", CRYPTO 2004). By the birthday paradox some 2^17 tries a stage are enough.
 */

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const STAGES = 18;

/**
 * @typedef {object} Family
 * @property {number} blockLength
 * @property {Buffer} blocks two of each stage, side by side
 */

/**
 * Keys of one hash from the published basis: who guesses the seed of a cache has as many against that cache.
 * @returns {Family}
 */
export function collideFromBasis() {
  return findFamily(FNV_BASIS, '0123456789abcdef', 5);
}

/**
 * Keys of one hash from every basis, so that no seed helps. Of two characters that differ in the lowest bit alone,
 * `state ^ character` is the state plus what follows from its lowest bit; the prime is odd, so that bit follows from the
 * basis's. Blocks that add the same from one basis so do from every other, or the negative of it.
 * @returns {Family}
 */
export function collideFromAnyBasis() {
  return findFamily(0, '\0\x01', 28);
}

/**
 * Writes the key of `id`, which chooses a block at each stage; returns its length. Distinct for ids below 2^18.
 * @param {Family} family
 * @param {Buffer} buffer
 * @param {number} id
 */
export function writeMember({ blockLength, blocks }, buffer, id) {
  for (let stage = 0; stage < STAGES; stage++) {
    const from = (2 * stage + ((id >>> stage) & 1)) * blockLength;
    blocks.copy(buffer, stage * blockLength, from, from + blockLength);
  }
  return STAGES * blockLength;
}

/**
 * @param {number} basis
 * @param {string} alphabet a power of two of characters
 * @param {number} blockLength
 * @returns {Family}
 */
function findFamily(basis, alphabet, blockLength) {
  const characters = Buffer.from(alphabet, 'latin1');
  const bitsEach = Math.log2(characters.length);
  const block = Buffer.alloc(blockLength);
  /** Distinct blocks for numbers below the count of blocks. @param {number} number */
  const writeBlock = (number) => {
    const bits = Math.imul(number, 0x9e3779b1);
    for (let i = 0; i < blockLength; i++) {
      block[i] = /** @type {number} */ (characters[(bits >>> (i * bitsEach)) & (characters.length - 1)]);
    }
    return block;
  };
  /** @type {Buffer[]} */
  const found = [];
  let state = basis | 0;
  for (let stage = 0; stage < STAGES; stage++) {
    /** @type {Map<number, number>} */
    const seen = new Map();
    for (let number = 0; ; number++) {
      const next = fnv1a(state, writeBlock(number));
      const other = seen.get(next);
      if (other !== undefined) {
        found.push(Buffer.from(writeBlock(other)), Buffer.from(writeBlock(number)));
        state = next;
        break;
      }
      seen.set(next, number);
    }
  }
  return { blockLength, blocks: Buffer.concat(found) };
}

/**
 * @param {number} state
 * @param {Buffer} bytes
 */
function fnv1a(state, bytes) {
  let hash = state;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ /** @type {number} */ (bytes[i]), FNV_PRIME);
  return hash;
}
