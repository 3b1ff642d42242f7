/**
 * What the tuner remembers of its changes, so that it neither repeats a mistake nor swings to and fro: settings that were
 * undone or refused rest for a while that doubles each time, and the way back to settings just left takes more verdicts
 * each time. Time is counted in looks. It changes nothing itself.
 */
import type { TunerSettings } from './tuner-decision.js';

/** Looks for which settings rest after they were undone or refused the first time. */
export const BACK_OFF_INTERVALS = 30;
/** Looks for which they rest at most. */
const MAX_BACK_OFF_INTERVALS = 32 * BACK_OFF_INTERVALS;
/** The way back to settings left longer ago than this is no swing; the time doubles with each swing. */
const SWING_INTERVALS = BACK_OFF_INTERVALS;
/** Verdicts in a row that are enough for any change, unless more are asked for as it is. */
const MAX_VERDICTS = 32;

interface Rest {
  readonly untilLook: number;
  readonly looks: number;
}

export class ChangeMemory {
  readonly #rests = new Map<string, Rest>();
  #lastLeft: string | undefined;
  #lastChangeAtLook = 0;
  /** Changes in a row that went back to what had just been left. */
  #swings = 0;

  /** The settings are not to be tried for a while; resolves to how many looks. */
  rest(settings: TunerSettings, look: number): number {
    const key = keyOf(settings);
    const looks = Math.min(2 * (this.#rests.get(key)?.looks ?? BACK_OFF_INTERVALS / 2), MAX_BACK_OFF_INTERVALS);
    this.#rests.set(key, { untilLook: look + looks, looks });
    return looks;
  }

  isResting(settings: TunerSettings, look: number): boolean {
    return look < (this.#rests.get(keyOf(settings))?.untilLook ?? 0);
  }

  /** The settings have proved themselves: their next rest is a short one again. */
  approve(settings: TunerSettings): void {
    this.#rests.delete(keyOf(settings));
  }

  noteChange(before: TunerSettings, after: TunerSettings, look: number): void {
    this.#swings = this.#isSwing(after, look) ? this.#swings + 1 : 0;
    this.#lastLeft = keyOf(before);
    this.#lastChangeAtLook = look;
  }

  /** Equal verdicts in a row to ask for: `hysteresis`, and that to the power of the swings so far for one more swing. */
  verdictsNeeded(wanted: TunerSettings, hysteresis: number, look: number): number {
    if (!this.#isSwing(wanted, look)) return hysteresis;
    return Math.max(hysteresis, Math.min(hysteresis ** (this.#swings + 1), MAX_VERDICTS));
  }

  #isSwing(settings: TunerSettings, look: number): boolean {
    const withinLooks = Math.min(SWING_INTERVALS * 2 ** this.#swings, MAX_BACK_OFF_INTERVALS);
    return keyOf(settings) === this.#lastLeft && look - this.#lastChangeAtLook <= withinLooks;
  }
}

function keyOf(settings: TunerSettings): string {
  return `${settings.shardCount}/${settings.cleanupIntervalMs}`;
}
