/** Growing typed-array columns. A column is indexed by slot; growing copies, so references to the old one go stale. */

/** The column of what has no slots yet: shared, since a store may have thousands of empty shards. */
export const NO_INT32: Int32Array = /* @__PURE__ */ new Int32Array(0);
export const NO_UINT8: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
export const NO_UINT16: Uint16Array = /* @__PURE__ */ new Uint16Array(0);
export const NO_FLOAT64: Float64Array = /* @__PURE__ */ new Float64Array(0);

/** A copy of `column` with `length` elements; the new ones are 0. */
export function growInt32(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}

/** A copy of `column` with `length` elements; the new ones are 0. */
export function growUint8(column: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length);
  grown.set(column);
  return grown;
}

/** A copy of `column` with `length` elements; the new ones are 0. */
export function growFloat64(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(column);
  return grown;
}
