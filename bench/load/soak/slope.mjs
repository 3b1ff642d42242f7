/** The line through points that lies nearest to them: least squares. Pure. */

/**
 * @param {readonly { x: number, y: number }[]} points two at least, at different x
 * @returns {{ slope: number, intercept: number }} NaN for fewer
 */
export function fitLine(points) {
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const covariance = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  const variance = sum(points.map(({ x }) => (x - meanX) ** 2));
  const slope = covariance / variance;
  return { slope, intercept: meanY - slope * meanX };
}

/** @param {readonly number[]} values */
function mean(values) {
  return sum(values) / values.length;
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
