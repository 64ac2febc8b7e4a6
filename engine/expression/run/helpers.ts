import { setOwn } from '../plain.ts'
import { eachOf, flat, flatOrNull, inputOf, listed, plain, plainOrNull } from './finish.ts'
import { argument, type Body, call, callWith, Fn, partial, pipe, type Signature, Tail } from './function.ts'
import { group } from './groups.ts'
import { boolean, count, lowercase, native, not, quick, sum, uppercase } from './natives.ts'
import {
  add,
  asItems,
  atLeast,
  atMost,
  divide,
  equal,
  gathered,
  greater,
  isIn,
  less,
  list,
  modulo,
  multiply,
  negate,
  range,
  subtract,
  text,
  truth,
  unequal,
} from './operators.ts'
import { regex } from './regex.ts'
import { afterSort, orderBy, sortedFinal, sortedRaw } from './sort.ts'
import {
  descendants,
  filter,
  final,
  kept,
  lastStep,
  member,
  members,
  named,
  names,
  namesOnTheWay,
  objectOf,
  pick,
  settled,
  step,
} from './steps.ts'
import { transform } from './transform.ts'
import { filterTuples, tuplePath } from './tuples.ts'
import { append, collapse, collapseKept, constructed, isArray, odd } from './values.ts'

/** Everything that generated code may call, by the name under which it calls it. */
export const HELPERS = {
  add,
  asItems,
  atLeast,
  atMost,
  divide,
  equal,
  gathered,
  greater,
  isIn,
  less,
  list,
  modulo,
  multiply,
  negate,
  range,
  subtract,
  text,
  truth,
  unequal,
  descendants,
  filter,
  final,
  kept,
  lastStep,
  member,
  members,
  named,
  names,
  namesOnTheWay,
  objectOf,
  pick,
  settled,
  step,
  eachOf,
  flat,
  flatOrNull,
  inputOf,
  listed,
  plain,
  plainOrNull,
  append,
  collapse,
  collapseKept,
  odd,
  argument,
  call,
  callWith,
  partial,
  pipe,
  group,
  tuplePath,
  filterTuples,
  native,
  quick,
  count,
  sum,
  uppercase,
  lowercase,
  not,
  boolean,
  regex,
  orderBy,
  afterSort,
  sortedFinal,
  sortedRaw,
  transform,
  setOwn,
  /** The input of a path as its current value. */
  begin: (input: unknown): unknown => (input === undefined ? [undefined] : input),
  /** A value at the start of a path as its current value. */
  apart: (value: unknown): unknown => (isArray(value) && constructed.has(value) ? [value] : value),
  /** A call in tail position. */
  tail: (fn: unknown, args: readonly unknown[]): Tail => new Tail(fn, args),
  /** A lambda. */
  lambda: (arity: number, body: Body, signature?: Signature): Fn => new Fn('lambda', arity, body, signature),
} as const

/** The name of a function of the runtime. */
export type HelperName = keyof typeof HELPERS
