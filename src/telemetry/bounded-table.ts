/**
 * Figures by name, for names that come from outside and may be any number: the first `limit` keep a place of their own for
 * good, all others share the one of `other`. So a metric's label never has more values than that, whatever is asked.
 */

export const OTHER = 'other';
/** A longer name is no name that anybody gave a model. */
const MAX_LENGTH = 128;

export class BoundedTable<T> {
  readonly #places = new Map<string, T>();
  readonly #limit: number;
  readonly #create: () => T;

  constructor(limit: number, create: () => T) {
    this.#limit = limit;
    this.#create = create;
  }

  /** The figures of `name`, or those of `other` once there is no room. O(1). */
  of(name: string): T {
    return this.#places.get(name) ?? this.#add(name);
  }

  /** In the order they came. */
  entries(): IterableIterator<[name: string, figures: T]> {
    return this.#places.entries();
  }

  #add(name: string): T {
    const hasRoom = this.#places.size < this.#limit && name.length <= MAX_LENGTH;
    const place = hasRoom ? name : OTHER;
    const figures = this.#places.get(place) ?? this.#create();
    this.#places.set(place, figures);
    return figures;
  }
}
