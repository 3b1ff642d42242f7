/** How much came within a window, at most. Pure. */

/** @typedef {{ atMs: number, amount: number }} Taken */

/**
 * In any window of this length, wherever it begins. O(n).
 * @param {readonly Taken[]} taken in order of time
 * @param {number} windowMs
 */
export function mostInAnyWindow(taken, windowMs) {
  let first = 0;
  let within = 0;
  let most = 0;
  for (const { atMs, amount } of taken) {
    within += amount;
    for (; (taken[first]?.atMs ?? atMs) <= atMs - windowMs; first++) within -= taken[first]?.amount ?? 0;
    most = Math.max(most, within);
  }
  return most;
}

/**
 * In any window that begins at a multiple of its length. What comes within `lateMs` of its begin may have been let through
 * before it, and counts in neither.
 * @param {readonly Taken[]} taken
 * @param {number} windowMs
 * @param {number} lateMs
 */
export function mostInFixedWindow(taken, windowMs, lateMs) {
  /** @type {Map<number, number>} */
  const windows = new Map();
  for (const { atMs, amount } of taken) {
    if (atMs % windowMs < lateMs) continue;
    const window = Math.floor(atMs / windowMs);
    windows.set(window, (windows.get(window) ?? 0) + amount);
  }
  return Math.max(0, ...windows.values());
}
