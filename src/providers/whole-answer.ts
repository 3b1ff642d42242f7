/** A whole answer where it has the shape of one event of a stream: read as that, so that both say the same. */
import { createAnswerAssembler } from '../protocol/assemble.js';
import type { ProviderAnswer } from '../protocol/chat.js';
import type { StreamDecoder } from './wire-format.js';

/** The answer that `decoder` makes of this one event, frozen, with the event as `raw`. */
export function wholeAnswer(decoder: StreamDecoder, raw: object): ProviderAnswer {
  const assembler = createAnswerAssembler();
  for (const chunk of decoder.decode(raw, 'message')) assembler.add(chunk);
  for (const chunk of decoder.finish()) assembler.add(chunk);
  return Object.freeze({ ...assembler.answer(), raw });
}
