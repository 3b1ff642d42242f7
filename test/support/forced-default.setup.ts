/** Wraps resolve(): a forced field accepts anything and yields its default, so that an option which only stores is found out. */
import { vi } from 'vitest';
import { forcedField, noteForced } from './forced-default.js';

type ResolveModule = typeof import('../../src/options/resolve.js');

vi.mock('../../src/options/resolve.js', async (importOriginal) => {
  const real = await importOriginal<ResolveModule>();
  const resolve: ResolveModule['resolve'] = (scope, options) => {
    const forced = forcedField();
    if (forced?.scope !== scope.name) return real.resolve(scope, options);
    const fields = scope.fields as Record<string, { fallback: unknown; type: object }>;
    const field = fields[forced.field];
    if (field === undefined) throw new Error(`no field ${forced.field} in ${scope.name}`);
    noteForced();
    const held = {
      ...field,
      expand: undefined,
      type: { ...field.type, parse: () => ({ ok: true, value: field.fallback }) },
    };
    return real.resolve({ ...scope, fields: { ...fields, [forced.field]: held } } as unknown as typeof scope, options);
  };
  return { ...real, resolve };
});
