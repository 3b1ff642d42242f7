/** A compression format: bytes to fewer bytes and back. Knows nothing of frames, checksums or values. */
export interface Codec {
  /** Names the format inside a frame: 1..255, never reused. 0 stands for "not compressed". */
  readonly id: number;
  /** For people. */
  readonly name: string;
  compress(bytes: Uint8Array): Uint8Array;
  /** The bytes that were compressed. Throws whatever it likes for bytes that are none of its own. */
  decompress(bytes: Uint8Array, rawLength: number): Uint8Array;
  /** The most bytes that so many compressed ones can stand for: longer claims are lies. */
  maxRawLength(compressedLength: number): number;
}
