/** Checks the numbers a recommendation is asked with. All problems of one call are reported at once. */
import { ConfigError } from '../core/errors.js';
import { printValue } from '../options/option.js';

/** Smallest allowed value of each named number. */
export type Minimums<N extends string> = Readonly<Record<N, number>>;

/** Throws a ConfigError naming every value that is not a finite number at or above its minimum. */
export function requireNumbers<N extends string>(
  caller: string,
  values: Readonly<Record<N, number>>,
  minimums: Minimums<N>,
): void {
  const issues = (Object.keys(minimums) as N[])
    .filter((name) => !(Number.isFinite(values[name]) && values[name] >= minimums[name]))
    .map((name) => ({
      path: name,
      expected: `a finite number, ${minimums[name]} or more`,
      received: printValue(values[name]),
      setBy: `${caller}()`,
    }));
  if (issues.length > 0) throw new ConfigError(`the input of ${caller}()`, issues);
}
