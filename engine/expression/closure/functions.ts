import type { Frame, Run } from './names.ts'

/** Makes the JavaScript function of a frame: `parameters` and `locals` are how many of each it has. */
export function functionOf(parameters: number, locals: number, body: Run): Run {
  const open = (frame: Frame): Frame => {
    for (let left = locals; left > 0; left--) frame.push(undefined)
    return frame
  }
  if (parameters === 1) {
    return locals === 0
      ? (outer) => (a: unknown) => body([outer, a])
      : (outer) => (a: unknown) => body(open([outer, a]))
  }
  if (parameters === 2) return (outer) => (a: unknown, b: unknown) => body(open([outer, a, b]))
  return (outer) =>
    (...given: readonly unknown[]) => {
      const frame: Frame = [outer]
      for (let at = 0; at < parameters; at++) frame.push(given[at])
      return body(open(frame))
    }
}

type Callee = (...args: readonly unknown[]) => unknown

/** A call of a function that is known, with as many arguments as it is given. */
export function callOf(fn: Callee, args: readonly Run[]): Run {
  const [a, b, c, d] = args as [Run, Run, Run, Run]
  switch (args.length) {
    case 0:
      return () => fn()
    case 1:
      return (frame) => fn(a(frame))
    case 2:
      return (frame) => fn(a(frame), b(frame))
    case 3:
      return (frame) => fn(a(frame), b(frame), c(frame))
    case 4:
      return (frame) => fn(a(frame), b(frame), c(frame), d(frame))
    default:
      return (frame) => fn(...args.map((arg) => arg(frame)))
  }
}

/** A call of whatever stands there. */
export const callOfAny =
  (callee: Run, args: readonly Run[]): Run =>
  (frame) =>
    (callee(frame) as Callee)(...args.map((arg) => arg(frame)))

/** A call of a method. */
export const callOfMethod =
  (object: Run, name: string, args: readonly Run[]): Run =>
  (frame) => {
    const on = object(frame) as Record<string, Callee>
    return (on[name] as Callee).apply(
      on,
      args.map((arg) => arg(frame)),
    )
  }
