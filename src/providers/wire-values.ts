/**
 * Reading JSON from servers that are not trusted to send the types of their documentation: each function takes what is of
 * the right type, and nothing else. Pure.
 */

const NO_OBJECTS: readonly never[] = Object.freeze([]);

export function isObject<T>(value: T): value is T & object {
  return typeof value === 'object' && value !== null;
}

/** The objects of a list; none of what is no list. */
export function objectsOf<T>(value: string | readonly T[] | null | undefined): readonly T[] {
  if (!Array.isArray(value)) return NO_OBJECTS;
  const items: readonly T[] = value;
  for (const item of items) {
    if (!isObject(item)) return items.filter(isObject);
  }
  return items;
}

/** '' for what is no text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A whole number from 0 up. */
export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}

/** A text, or a number as one. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** An HTTP status of a failure. */
export function statusOf(value: unknown): number | undefined {
  return Number.isInteger(value) && Number(value) >= 300 && Number(value) < 600 ? Number(value) : undefined;
}

/** A list of finite numbers, and not an empty one. */
export function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);
}

export function dropUndefined<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

/** Undefined for what is no JSON: the engine's own error quotes the text, which may be an answer or a prompt. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
