/** How long the property tests run. `SHERD_DEEP=1000000` (npm run test:deep) sets the operations of each. */

/** Whether this is a deep run: it may take minutes, and start programs. */
export const isDeep: boolean = process.env['SHERD_DEEP'] !== undefined;

/** Operations of a property test: `normal`, or what a deep run asks for. */
export function operations(normal: number): number {
  return isDeep ? Number(process.env['SHERD_DEEP']) : normal;
}

/** Runs of a property whose runs have about `operationsEach` operations: `normal`, or what makes up a deep run. */
export function runs(normal: number, operationsEach: number): number {
  return isDeep ? Math.max(normal, Math.ceil(operations(normal) / operationsEach)) : normal;
}
