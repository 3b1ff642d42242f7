/** Which requests of a run could have been answered from the cache. Pure. */
import { type DemoEvent, eventsOf, type UseCase } from './events.js';

/** What makes two requests the same question. */
export function identityOf(useCase: UseCase, question: string): string {
  return `${useCase}/${question}`;
}

/** Sequence numbers of the requests whose question was warmed, or was issued earlier in the run. */
export function repeatsOf(events: readonly DemoEvent[]): ReadonlySet<number> {
  const seen = new Set<string>();
  for (const { useCase, questions } of eventsOf(events, 'warmed')) {
    for (const question of questions) seen.add(identityOf(useCase, question));
  }
  const repeats = new Set<number>();
  for (const call of eventsOf(events, 'call').toSorted((a, b) => a.sequence - b.sequence)) {
    const question = identityOf(call.useCase, call.question);
    if (seen.has(question)) repeats.add(call.sequence);
    seen.add(question);
  }
  return repeats;
}
