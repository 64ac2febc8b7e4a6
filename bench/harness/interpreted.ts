import jsonata from 'jsonata'
import type { FieldSpec } from '../../engine/definition/catalog.ts'
import type { Compiled } from '../../engine/expression/index.ts'
import { FUNCTIONS } from '../../engine/expression/library/index.ts'

type Bindings = Readonly<Record<string, unknown>>
type Specs = ReadonlyMap<string, FieldSpec>

/** What came of the fields, by name; those of a list are a list of such. */
export type Values = Record<string, unknown>

/** Evaluates the fields of a mapping one by one by the jsonata package, each expression parsed once, all functions given. */
export class Interpreted {
  readonly #parsed = new Map<string, jsonata.Expression>()
  readonly #functions: Bindings

  constructor(moneyForm: unknown) {
    const hidden = { moneyForm }
    this.#functions = Object.fromEntries(
      [...FUNCTIONS].map(([name, { implementation }]) => [name, (...args: unknown[]) => implementation(args, hidden)]),
    )
  }

  async fields(specs: Specs, record: unknown, variables: Bindings): Promise<Values> {
    const values: Values = {}
    const bindings = { ...this.#functions, ...variables }
    for (const [name, spec] of specs) values[name] = await this.#field(spec, record, bindings)
    return values
  }

  #evaluate({ source }: Compiled, record: unknown, bindings: Bindings): Promise<unknown> {
    let expression = this.#parsed.get(source)
    if (expression === undefined) {
      expression = jsonata(source)
      this.#parsed.set(source, expression)
    }
    return expression.evaluate(record, bindings)
  }

  async #field(spec: FieldSpec, record: unknown, bindings: Bindings): Promise<unknown> {
    switch (spec.kind) {
      case 'expression':
        return this.#evaluate(spec.expression, record, bindings)
      case 'const':
        return spec.value
      case 'table':
        return this.#listed(spec, record, bindings)
      case 'rules':
        for (const rule of spec.rules) if ((await this.#evaluate(rule.if, record, bindings)) === true) return rule.then
        return spec.otherwise.kind === 'const' ? spec.otherwise.value : this.#listed(spec.otherwise, record, bindings)
      case 'each':
        return this.#each(spec, record, bindings)
      case 'object': {
        if (spec.from === undefined) return this.fields(spec.fields, record, bindings)
        const inner = await this.#evaluate(spec.from, record, bindings)
        return inner === undefined || inner === null
          ? null
          : this.fields(spec.fields, inner, { ...bindings, parent: record })
      }
    }
  }

  async #listed(
    { from, map }: { from: Compiled; map: ReadonlyMap<string, unknown> },
    record: unknown,
    bindings: Bindings,
  ) {
    const native = await this.#evaluate(from, record, bindings)
    return native === undefined || native === null ? null : map.get(String(native))
  }

  async #each(spec: Extract<FieldSpec, { kind: 'each' }>, record: unknown, bindings: Bindings): Promise<unknown> {
    const found = await this.#evaluate(spec.each, record, bindings)
    const items: readonly unknown[] = Array.isArray(found)
      ? found
      : found === undefined || found === null
        ? []
        : [found]
    const made: Values[] = []
    for (const [index, item] of items.entries()) {
      made.push(await this.fields(spec.fields, item, { ...bindings, parent: record, item, index }))
    }
    return made
  }
}
