/**
 * Faults of one direction of a connection, byte by byte: edits at stated offsets, slices, and the point where it is cut.
 * Pure: bytes in, pieces out; it neither waits nor writes.
 */

/** One change of the bytes that pass, at this offset of what came in. */
export interface ByteEdit {
  readonly at: number;
  /** Bytes from `at` that are left out. Default 0. */
  readonly drop?: number;
  /** Sent at this place; with `drop` it stands in for what is left out. */
  readonly insert?: string | Uint8Array;
  /** This many bytes before `at` are sent again. Default 0. */
  readonly repeat?: number;
}

export interface ByteFaults {
  /** Where offsets count from: the first byte, or the first after an empty line, where an HTTP body begins. Default 'connection'. */
  readonly countFrom?: 'connection' | 'body';
  readonly edits?: readonly ByteEdit[];
  /** The bytes leave in pieces of this size. Default: as they came. */
  readonly sliceBytes?: number;
  /**
   * After this many bytes, counted as they leave, the connection ends: in order, by RST, or it goes silent; with 0 when
   * the first would leave. A client that finds the last bytes and the RST at once may take it for an end in order, as libuv does.
   */
  readonly cut?: { readonly afterBytes: number; readonly by: CutKind };
}

export type CutKind = 'fin' | 'reset' | 'stall';

const HEAD_END = Buffer.from('\r\n\r\n');

/** Applies the faults to the bytes of one direction, in their order. */
export class ByteEditor {
  readonly #faults: ByteFaults;
  readonly #edits: readonly ByteEdit[];
  /** Bytes before the point that offsets count from are passed as they are. */
  #isCounting: boolean;
  #lastOfHead: Buffer = Buffer.alloc(0);
  #read = 0;
  #written = 0;
  #nextEdit = 0;
  #toDrop = 0;
  /** What came last, for edits that send it again. */
  #tail: Buffer = Buffer.alloc(0);
  readonly #tailBytes: number;

  constructor(faults: ByteFaults) {
    this.#faults = faults;
    this.#edits = [...(faults.edits ?? [])].sort((left, right) => left.at - right.at);
    this.#isCounting = faults.countFrom !== 'body';
    this.#tailBytes = Math.max(0, ...this.#edits.map(({ repeat = 0 }) => repeat));
  }

  /** True once the cut is reached: nothing more will come out. */
  get isCut(): boolean {
    const { cut } = this.#faults;
    return cut !== undefined && this.#isCounting && this.#written >= cut.afterBytes;
  }

  /** The pieces to send for these bytes. O(bytes). */
  push(bytes: Buffer): readonly Buffer[] {
    if (this.#isCounting) return this.#slice(this.#limit(this.#edit(bytes)));
    const seen = Buffer.concat([this.#lastOfHead, bytes]);
    const at = seen.indexOf(HEAD_END);
    if (at < 0) {
      this.#lastOfHead = seen.subarray(-(HEAD_END.length - 1));
      return this.#slice(bytes);
    }
    this.#isCounting = true;
    const headBytes = at + HEAD_END.length - this.#lastOfHead.length;
    const body = this.#limit(this.#edit(bytes.subarray(headBytes)));
    return this.#slice(Buffer.concat([bytes.subarray(0, headBytes), body]));
  }

  #edit(bytes: Buffer): Buffer {
    const pieces: Buffer[] = [];
    let rest = bytes;
    for (;;) {
      const edit = this.#edits[this.#nextEdit];
      if (edit === undefined || edit.at > this.#read + rest.length) break;
      const before = rest.subarray(0, Math.max(0, edit.at - this.#read));
      rest = rest.subarray(before.length);
      pieces.push(this.#pass(before));
      const { insert = '', repeat = 0, drop = 0 } = edit;
      if (repeat > 0) pieces.push(this.#tail.subarray(-repeat));
      pieces.push(Buffer.from(insert));
      this.#toDrop += drop;
      this.#nextEdit++;
    }
    pieces.push(this.#pass(rest));
    return Buffer.concat(pieces);
  }

  /** Counts bytes as read, and leaves out those that an edit drops. */
  #pass(bytes: Buffer): Buffer {
    this.#read += bytes.length;
    if (this.#tailBytes > 0) this.#tail = Buffer.concat([this.#tail, bytes]).subarray(-this.#tailBytes);
    const dropped = Math.min(this.#toDrop, bytes.length);
    this.#toDrop -= dropped;
    return bytes.subarray(dropped);
  }

  #limit(bytes: Buffer): Buffer {
    const left = (this.#faults.cut?.afterBytes ?? Number.POSITIVE_INFINITY) - this.#written;
    const kept = bytes.subarray(0, Math.max(0, left));
    this.#written += kept.length;
    return kept;
  }

  #slice(bytes: Buffer): readonly Buffer[] {
    const { sliceBytes = bytes.length } = this.#faults;
    const slices: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += sliceBytes) slices.push(bytes.subarray(at, at + sliceBytes));
    return slices;
  }
}
