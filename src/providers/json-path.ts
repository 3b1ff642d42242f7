/**
 * Builds JSON data from values that come one by one, each with the place it belongs to: a singular query of RFC 9535
 * such as `$.steps[0]['a name']`. Only own members are walked through, so no name can reach a prototype.
 */

export type JsonTree = Record<string, unknown>;

const STEP = /\.([^.[\]]+)|\[(\d{1,9})\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

export function createJsonTree(): JsonTree {
  return Object.create(null) as JsonTree;
}

/** The names and places of a path, from the root on; undefined for what is no such path, or the root itself. */
export function parseJsonPath(path: string): readonly (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, name, place, single, double] = match;
    const quoted = single ?? double;
    steps.push(place !== undefined ? Number(place) : (name ?? quoted?.replace(/\\(.)/g, '$1') ?? ''));
  }
  return steps.length === 0 ? undefined : steps;
}

/**
 * Puts a value at a path, with the objects and lists on its way; a text is appended to a text that is there. False, and
 * nothing is done, where the path is none, leads through a plain value, or leaves a gap in a list. O(path + text).
 */
export function putAt(root: JsonTree, path: string, value: unknown): boolean {
  const steps = parseJsonPath(path);
  if (steps === undefined) return false;
  let holder: unknown = root;
  for (const [i, step] of steps.entries()) {
    const place = placeIn(holder, step);
    if (place === undefined) return false;
    const next = steps[i + 1];
    const old = Object.hasOwn(place, step) ? place[step as string] : undefined;
    if (next === undefined) {
      place[step as string] = typeof old === 'string' && typeof value === 'string' ? old + value : value;
      return true;
    }
    const inner = old ?? (typeof next === 'number' ? [] : createJsonTree());
    place[step as string] = inner;
    holder = inner;
  }
  return false;
}

/** The holder, when it can have a member of that name or number; a list takes no gaps. */
function placeIn(holder: unknown, step: string | number): JsonTree | undefined {
  if (typeof holder !== 'object' || holder === null) return undefined;
  const fits = Array.isArray(holder) ? typeof step === 'number' && step <= holder.length : typeof step === 'string';
  return fits ? (holder as JsonTree) : undefined;
}
