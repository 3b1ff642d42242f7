/** False for what JSON.stringify reads by other rules than its own members: dates, boxed numbers, classes, lists. */
export function isJsonObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}
