/** Options by schemas of other libraries. A part of the authorizer API. */

/** What schema libraries have in common (Standard Schema 1, https://standardschema.dev). */
export interface OptionsSchema<Options> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (raw: unknown) => SchemaResult<Options> | Promise<SchemaResult<Options>>;
    readonly types?: { readonly input: unknown; readonly output: Options } | undefined;
  };
}

export type SchemaResult<Options> =
  | { readonly value: Options; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** As `parseOptionsWith` of the plugin API. */
export function readOptionsWith<Options>(schema: OptionsSchema<Options>, raw: unknown): Options {
  const result = schema['~standard'].validate(raw);
  if (result instanceof Promise) {
    throw new TypeError('Cannot parse the options: the schema is asynchronous');
  }
  if (result.issues === undefined) return result.value;
  throw new Error(result.issues.map(describeIssue).join('; '));
}

function describeIssue({ path = [], message }: SchemaIssue): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  const at = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return at === '' ? `it ${message}` : `${at.replace(/^\./, '')} ${message}`;
}
