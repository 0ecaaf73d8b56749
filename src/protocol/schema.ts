/**
 * What a schema is: anything that follows Standard Schema 1 (standardschema.dev), as zod, valibot and arktype do, or a
 * bare type. Written down here, so that the published types need no package.
 */

/** What is wrong with a value, and where in it. */
export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

export type Verdict<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly Issue[]; readonly value?: undefined }

/** A schema: checks a value of any kind, now or later, and gives what it makes of it. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => Verdict<Output> | Promise<Verdict<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    /** Of a schema that can say what it is (Standard JSON Schema 1). Throws for what JSON Schema has no word for. */
    readonly jsonSchema?: { readonly input: (options: { readonly target: string }) => object } | undefined
  }
}

/** What `type<T>()` gives: a type without a schema. Nothing is checked. */
export interface BareType<T> {
  readonly '~type'?: readonly [T]
}

export type Schema = StandardSchema | BareType<unknown>

/** The type of a value where it is sent, before its schema has seen it; `undefined` where there is no schema. */
export type InputOf<S> = S extends StandardSchema
  ? NonNullable<S['~standard']['types']>['input']
  : S extends BareType<infer T>
    ? T
    : undefined

/** The type of a value where it is received: what its schema makes of it. */
export type OutputOf<S> = S extends StandardSchema
  ? NonNullable<S['~standard']['types']>['output']
  : S extends BareType<infer T>
    ? T
    : undefined
