/** In what a request differs from the recorded one that is closest to it: names and places, never contents. */
import type { CassetteExchange } from './cassette.js';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

const MAX_PLACES = 8;

export function differences(asked: Request, recorded: readonly CassetteExchange[]): string {
  if (recorded.length === 0) return 'the cassette is empty';
  const same = recorded.filter(({ request }) => request.method === asked.method && request.path === asked.path);
  if (same.length === 0) {
    const known = new Set(recorded.map(({ request }) => `${request.method} ${request.path}`));
    return `nothing was recorded there, only at ${[...known].slice(0, MAX_PLACES).join(', ')}`;
  }
  let closest: readonly string[] | undefined;
  for (const { request } of same) {
    const places: string[] = [];
    collect(asked.body, request.body, 'body', places);
    if (closest === undefined || places.length < closest.length) closest = places;
  }
  const [...shown] = (closest ?? []).slice(0, MAX_PLACES);
  if (closest !== undefined && closest.length > MAX_PLACES) shown.push(`and ${closest.length - MAX_PLACES} more`);
  return `it differs from the closest recording in ${shown.join(', ')}`;
}

/** Appends the places where two JSON values differ. */
function collect(left: unknown, right: unknown, place: string, places: string[]): void {
  if (Object.is(left, right)) return;
  if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) {
    places.push(place);
    return;
  }
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of names) {
    const inner = Array.isArray(left) ? `${place}[${name}]` : `${place}.${name}`;
    if (!(name in left)) places.push(`${inner} (only recorded)`);
    else if (!(name in right)) places.push(`${inner} (only asked)`);
    else collect(left[name], right[name], inner, places);
  }
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
