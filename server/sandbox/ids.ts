import type { ResourceRules } from './contract.ts'
import { createDice, type Dice } from './random.ts'

/** Makes ids; those of a resource do not depend on what other resources do. */
export class Ids {
  readonly #seed: string
  readonly #dice = new Map<string, Dice>()
  readonly #counted = new Map<string, number>()

  constructor(seed: string) {
    this.#seed = seed
  }

  /** A new id of a resource: the next number, or random characters that are not taken. */
  next({ name, id: rules }: ResourceRules, isTaken: (id: string) => boolean): string | number {
    const { prefix, length, alphabet, counter } = rules
    if (counter !== undefined) {
      const number = counter + (this.#counted.get(name) ?? 0)
      this.#counted.set(name, number - counter + 1)
      return prefix === '' ? number : `${prefix}${number}`
    }
    const dice = this.#dice.get(name) ?? createDice(`${this.#seed} ${name}`)
    this.#dice.set(name, dice)
    for (;;) {
      const id = prefix + dice.text(length, alphabet)
      if (!isTaken(id)) return id
    }
  }
}
