/**
 * Watches how long the event loop stays away. From the call of the work to its end, each turn of the loop leaves a mark;
 * what lies between two marks is one step: the time in which nobody else was served.
 */

/**
 * Runs `work` and resolves to the marks: step i lies between marks i and i + 1. The first step holds what `work` does
 * before it gives way for the first time, or all of it if it never does.
 * @param {() => unknown} work
 * @returns {Promise<Float64Array>}
 */
export async function watchLoop(work) {
  /** @type {number[]} */
  const marks = [];
  let isDone = false;
  const marked = new Promise((resolve) => {
    function mark() {
      marks.push(performance.now());
      if (isDone) resolve(undefined);
      else setImmediate(mark);
    }
    // Set up before the work, so that the first mark after it comes in the very next turn.
    setImmediate(mark);
  });
  marks.push(performance.now());
  try {
    await work();
  } finally {
    isDone = true;
  }
  await marked;
  return Float64Array.from(marks);
}
