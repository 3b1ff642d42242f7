/**
 * A text that comes in pieces. It is joined only when it is read: text that grows by `+=` keeps every piece alive, and a
 * node for each, for as long as somebody keeps the text.
 */
export class JoinedText {
  #pieces: string[];

  constructor(...pieces: string[]) {
    this.#pieces = pieces;
  }

  add(piece: string): void {
    this.#pieces.push(piece);
  }

  /** O(pieces); O(1) when it is read again. */
  read(): string {
    if (this.#pieces.length !== 1) this.#pieces = [this.#pieces.join('')];
    return this.#pieces[0] as string;
  }
}
