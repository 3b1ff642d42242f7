/** The files of a finished run, and what is stored of its figures. */
import { digestOf, parseEventLog } from './event-log.js';
import { type Figures, figuresOf } from './figures.js';

export const EVENTS_FILE = 'events.jsonl';
export const FIGURES_FILE = 'figures.json';
export const PAGE_FILE = 'report.html';
/** The id of the stored figures inside the page. */
export const FIGURES_BLOCK = 'figures';

/** What figures.json and the page hold. */
export interface StoredFigures {
  readonly eventsSha256: string;
  readonly figures: Figures;
}

/** The figures of an event log as they are stored. Throws ERR_EVENT_LOG_MALFORMED. */
export function figuresToStore(eventsText: string): StoredFigures {
  return { eventsSha256: digestOf(eventsText), figures: figuresOf(parseEventLog(eventsText)) };
}
