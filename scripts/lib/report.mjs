/** How a check speaks: one line of summary, one line per problem, exit code 1 when there is any. */

/**
 * @param {string} subject what was looked at, with its count
 * @param {string[]} problems
 */
export function report(subject, problems) {
  for (const problem of problems) console.error(`  ${problem}`);
  console.log(`${subject}: ${problems.length === 0 ? 'ok' : `${problems.length} problem(s)`}`);
  if (problems.length > 0) process.exitCode = 1;
}
