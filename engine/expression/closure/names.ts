/** The values of one call of a function: the frame of the function around it, then its parameters and locals by place. */
export type Frame = unknown[]

/** Something compiled: its value in a frame. */
export type Run = (frame: Frame) => unknown

/** The names that a function of generated code sees; those of the outermost one have their values already. */
export class Names {
  readonly constants: ReadonlyMap<string, unknown>
  readonly #outer: Names | undefined
  readonly #places = new Map<string, number>()

  constructor(constants: ReadonlyMap<string, unknown>, outer?: Names) {
    this.constants = constants
    this.#outer = outer
  }

  /** How many values a frame holds, beside the frame around it. */
  get size(): number {
    return this.#places.size
  }

  /** Gives a name its place in the frame. */
  add(name: string): number {
    const place = this.#places.get(name) ?? this.#places.size + 1
    this.#places.set(name, place)
    return place
  }

  /** Where a name is found: how many frames out, and at which place. Throws TypeError for a name that nobody declares. */
  find(name: string): { readonly depth: number; readonly place: number } {
    let depth = 0
    for (let at: Names | undefined = this; at !== undefined; at = at.#outer) {
      const place = at.#places.get(name)
      if (place !== undefined) return { depth, place }
      depth++
    }
    throw new TypeError(`Generated code uses ${name}, which is not there`)
  }

  /** Whether a name stands for a value that is known before the code runs. */
  isConstant(name: string): boolean {
    for (let at: Names | undefined = this; at !== undefined; at = at.#outer) if (at.#places.has(name)) return false
    return this.constants.has(name)
  }
}

/** Reads a place. */
export function reader(depth: number, place: number): Run {
  if (depth === 0) return (frame) => frame[place]
  if (depth === 1) return (frame) => (frame[0] as Frame)[place]
  return (frame) => frameAt(frame, depth)[place]
}

/** The frame some functions out. */
export function frameAt(frame: Frame, depth: number): Frame {
  let at = frame
  for (let left = depth; left > 0; left--) at = at[0] as Frame
  return at
}
