import type { Compiled } from './contract.ts'

/** Brings a value into the form that the schema of its place asks for. Must not change it. */
export type Conform = (value: unknown) => unknown

/** A native value that no table lists, by the field that it is for. */
export interface Unlisted {
  readonly field: string
  readonly value: unknown
}

/** A table: the text of a native value -> the value instead. A missing native value gives `absent`. */
export interface TableRecipe {
  readonly kind: 'table'
  readonly from: Compiled
  readonly map: ReadonlyMap<string, unknown>
  readonly absent: unknown
  /** What a value that is not listed gives, and the field by which it is told. Without it the function gives up. */
  readonly otherwise?: { readonly field: string; readonly gives: unknown } | undefined
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

/** What a function tells beside the object that it makes. */
export interface Told {
  /** Values that tables lack, where the recipe says what these give. */
  readonly unlisted: Unlisted[]
  /** Members that are null because only the way by single expressions can tell what comes out. */
  readonly lost: string[]
}

/**
 * Makes the object that a recipe describes. Where an expression fails, a table lacks the value or a limit is reached, that
 * member is lost. Undefined where all of it is, or anything while there is no place to tell it.
 */
export type Cook = (
  record: unknown,
  variables: Readonly<Record<string, unknown>>,
  told?: Told,
) => Record<string, unknown> | undefined
