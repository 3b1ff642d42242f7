/**
 * Many listeners of ours to one AbortSignal of the platform, by a single one of its own: Node takes more than ten for a
 * leak and says so. Invariant: a signal is listened to exactly while somebody here listens.
 */

/** One call of listenTogether(). */
interface Registration {
  readonly listener: () => void;
}

interface Fan {
  readonly registrations: Set<Registration>;
  readonly unlisten: () => void;
}

const fans = new Map<AbortSignal, Fan>();

/** Calls `listener`, which must not throw, once `signal` aborts; returns the remover. Not for one that has aborted. O(1). */
export function listenTogether(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) return () => {};
  const fan = fans.get(signal) ?? open(signal);
  const registration: Registration = { listener };
  fan.registrations.add(registration);
  return () => {
    fan.registrations.delete(registration);
    if (fan.registrations.size > 0 || fans.get(signal) !== fan) return;
    fans.delete(signal);
    fan.unlisten();
  };
}

function open(signal: AbortSignal): Fan {
  const registrations = new Set<Registration>();
  const tell = (): void => {
    fans.delete(signal);
    for (const registration of registrations) {
      registrations.delete(registration);
      registration.listener();
    }
  };
  signal.addEventListener('abort', tell, { once: true });
  const fan = { registrations, unlisten: () => signal.removeEventListener('abort', tell) };
  fans.set(signal, fan);
  return fan;
}
