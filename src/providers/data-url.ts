/** Reads `data:` URLs (RFC 2397), for formats that take an image's type and bytes apart. Fetches nothing. */

export interface DataURL {
  /** In lower case, without parameters; 'text/plain' where the URL names none. */
  readonly mediaType: string;
  readonly base64: string;
}

export function isDataURL(url: string): boolean {
  return /^data:/i.test(url);
}

/** Undefined for what is no data URL, or a malformed one. O(length). */
export function parseDataURL(url: string): DataURL | undefined {
  const comma = url.indexOf(',');
  if (!isDataURL(url) || comma === -1) return undefined;
  const [type = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const data = url.slice(comma + 1);
  const isBase64 = parameters.at(-1)?.trim().toLowerCase() === 'base64';
  const base64 = isBase64 ? checkedBase64(data) : encodedBase64(data);
  if (base64 === undefined) return undefined;
  return { mediaType: type.trim().toLowerCase() || 'text/plain', base64 };
}

function checkedBase64(data: string): string | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? data : undefined;
}

function encodedBase64(data: string): string | undefined {
  try {
    return Buffer.from(decodeURIComponent(data)).toString('base64');
  } catch {
    return undefined;
  }
}
