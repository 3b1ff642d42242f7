/** What a recording is gathered on: exchanges in the order of their requests, each taken down piece by piece, then cleaned. */
import { type Clock, systemClock } from '../core/clock.js';
import { type CassetteError, type CassetteExchange, pieceOf, writeCassette } from './cassette.js';
import { type RawRequest, redactRequest } from './cassette-redaction.js';

export interface RecordOptions {
  /** Values that must not be written, beside keys in headers, queries and fields, which are found by themselves. */
  readonly secrets?: readonly string[];
  /** 'recorded': the time before each piece is written too. Default: none is. */
  readonly timing?: 'recorded';
  readonly clock?: Clock;
}

/** What is written, in the order of the requests. */
export class Tape {
  readonly #file: string;
  readonly #options: RecordOptions;
  readonly #exchanges: (CassetteExchange | undefined)[] = [];
  #written: Promise<void> | undefined = undefined;

  constructor(file: string, options: RecordOptions) {
    this.#file = file;
    this.#options = options;
  }

  get length(): number {
    return this.#exchanges.filter((exchange) => exchange !== undefined).length;
  }

  /** Begins an exchange. What is never ended is not written. */
  begin(raw: RawRequest): Take {
    const place = this.#exchanges.push(undefined) - 1;
    return new Take(raw, this.#options, (exchange) => {
      this.#exchanges[place] = exchange;
    });
  }

  write(): Promise<void> {
    this.#written ??= writeCassette(
      this.#file,
      this.#exchanges.filter((exchange) => exchange !== undefined),
    );
    return this.#written;
  }
}

/** One exchange while it runs. */
export class Take {
  readonly #raw: RawRequest;
  readonly #options: RecordOptions;
  readonly #onEnd: (exchange: CassetteExchange) => void;
  readonly #clock: Clock;
  readonly #pieces: Buffer[] = [];
  readonly #times: number[] = [];
  #lastMs: number;

  constructor(raw: RawRequest, options: RecordOptions, onEnd: (exchange: CassetteExchange) => void) {
    this.#raw = raw;
    this.#options = options;
    this.#onEnd = onEnd;
    this.#clock = options.clock ?? systemClock;
    this.#lastMs = this.#clock.nowMs();
  }

  add(bytes: Buffer): void {
    const nowMs = this.#clock.nowMs();
    this.#times.push(nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.#pieces.push(bytes);
  }

  end(
    head: { readonly status: number; readonly headers: Readonly<Record<string, string>> },
    end: 'clean' | 'cut',
    error?: CassetteError,
  ): void {
    const { secrets = [], timing } = this.#options;
    const { request, redactor } = redactRequest({ ...this.#raw, secrets: [...secrets, ...this.#raw.secrets] });
    this.#onEnd({
      request,
      response: {
        status: head.status,
        headers: redactor.responseHeaders(head.headers),
        pieces: redactor
          .pieces(this.#pieces)
          .map((bytes, i) => pieceOf(bytes, timing === undefined ? undefined : this.#times[i])),
        end,
        ...(error === undefined ? {} : { error: { ...error, message: redactor.text(error.message) } }),
      },
    });
  }
}
