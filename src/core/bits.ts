/** Powers of two and slot constants. */

/** "No slot": the end of a list, or an absent entry. */
export const NONE = -1;

/** Smallest power of two at or above `value`, at least 1. Defined up to 2 ** 31. */
export function ceilPowerOfTwo(value: number): number {
  return value <= 1 ? 1 : 2 ** (32 - Math.clz32(Math.ceil(value) - 1));
}

/** True for 1, 2, 4, 8... */
export function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 2 ** 31 && (value & (value - 1)) === 0;
}
