/** The JSON Schema (draft 2020-12) of the profiles of a scope, made from its fields. */
import type { OptionScope } from './field.js';
import { fieldOf } from './layers.js';

export function profileSchema<C extends object>(scope: OptionScope<string, C>): object {
  const properties: Record<string, object> = {};
  for (const key of Object.keys(scope.fields)) {
    const field = fieldOf(scope, key);
    // What may not stand in a file, functions and keys, has no schema.
    if (field?.type.schema === undefined) continue;
    properties[key] = { ...field.type.schema, description: field.doc };
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `sherd ${scope.name} profile`,
    type: 'object',
    required: ['name', 'scope', 'description', 'evidence', 'settings'],
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      name: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$' },
      scope: { const: scope.name },
      description: { type: 'string', minLength: 1 },
      evidence: { type: 'string', minLength: 1 },
      extends: { type: 'string', minLength: 1 },
      settings: { type: 'object', additionalProperties: false, properties },
    },
  };
}
