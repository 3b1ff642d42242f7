/** The vocabulary of embeddings: texts in, vectors out. Types only, frozen data; no wire format. */

export interface EmbedRequest {
  readonly model: string;
  /** At least one; none empty. */
  readonly texts: readonly string[];
  /** Length of the vectors, for models that can choose it. */
  readonly dimensions?: number;
  /** Merged verbatim into the upstream body. */
  readonly vendor?: Readonly<Record<string, unknown>>;
}

export interface EmbedAnswer {
  readonly model: string;
  /** One for each text, in the order of the texts. */
  readonly vectors: readonly (readonly number[])[];
  /** Tokens read; undefined where the vendor does not count. */
  readonly inputTokens: number | undefined;
  readonly requestId?: string;
}
