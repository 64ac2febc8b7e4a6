import type { Compiled } from './contract.ts'

/** Brings a value into the form that the schema of its place asks for. Must not change it. */
export type Conform = (value: unknown) => unknown

/** A table: the text of a native value -> the value instead. A missing native value gives `absent`. */
export interface TableRecipe {
  readonly kind: 'table'
  readonly from: Compiled
  readonly map: ReadonlyMap<string, unknown>
  readonly absent: unknown
}

/** A constant, as plain JSON. */
export interface ConstRecipe {
  readonly kind: 'const'
  readonly value: unknown
}

/** How one value is made. */
export type Recipe =
  | { readonly kind: 'value'; readonly from: Compiled; readonly conform: Conform | undefined }
  | ConstRecipe
  | TableRecipe
  | {
      readonly kind: 'rules'
      readonly rules: readonly { readonly if: Compiled; readonly gives: unknown }[]
      readonly otherwise: ConstRecipe | TableRecipe
    }
  | { readonly kind: 'each'; readonly from: Compiled; readonly item: ObjectRecipe }
  | ObjectRecipe

/**
 * An object with these members, in this order, all of them present. With `from`, the members marked as inner are made over
 * that value, as `$parent` they see the record around; without that value they are null.
 */
export interface ObjectRecipe {
  readonly kind: 'object'
  readonly from: Compiled | undefined
  readonly members: readonly { readonly name: string; readonly isInner: boolean; readonly recipe: Recipe }[]
  /** Whether an object of nothing but nulls is null. */
  readonly isNullable: boolean
  /** For objects without members of their own in the schema. */
  readonly conform: Conform | undefined
}

/**
 * Makes the object that a recipe describes; undefined where only the way by single expressions can tell what comes out: an
 * expression failed, a table lacks the value, or a limit was reached.
 */
export type Cook = (
  record: unknown,
  variables: Readonly<Record<string, unknown>>,
) => Record<string, unknown> | undefined
