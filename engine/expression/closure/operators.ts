import type { Run } from './names.ts'

/** A side of an operator: how it is had, and its value where that is known. */
export interface Side {
  readonly run: Run
  readonly known?: { readonly value: unknown } | undefined
}

/** `typeof`, `!` and `-`. */
export const UNARY: Readonly<Record<string, (of: Run) => Run>> = {
  typeof: (of) => (frame) => typeof of(frame),
  '!': (of) => (frame) => !of(frame),
  '-': (of) => (frame) => -(of(frame) as number),
}

/** `===`, `!==`, `+` and `in`; faster where one side is known. */
export const BINARY: Readonly<Record<string, (left: Side, right: Side) => Run>> = {
  '===': ({ run: left }, { run: right, known }) => {
    if (known === undefined) return (frame) => left(frame) === right(frame)
    const { value } = known
    return (frame) => left(frame) === value
  },
  '!==': ({ run: left }, { run: right, known }) => {
    if (known === undefined) return (frame) => left(frame) !== right(frame)
    const { value } = known
    return (frame) => left(frame) !== value
  },
  '+': ({ run: left }, { run: right }) => {
    return (frame) => (left(frame) as string) + (right(frame) as string)
  },
  in: ({ run: left, known }, { run: right }) => {
    if (known === undefined) return (frame) => (left(frame) as string) in (right(frame) as object)
    const name = known.value as string
    return (frame) => name in (right(frame) as object)
  },
}

/** `&&` and `||`. */
export const LOGICAL: Readonly<Record<string, (left: Run, right: Run) => Run>> = {
  '&&': (left, right) => (frame) => left(frame) && right(frame),
  '||': (left, right) => (frame) => left(frame) || right(frame),
}
