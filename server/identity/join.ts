import type { CustomerPlace, IdentityVerdict } from '../stores/identity-verdicts.ts'
import type { IdentityKey } from './rules.ts'

/** A customer as it is compared. */
export interface Candidate {
  readonly place: CustomerPlace
  /** Customers of different tenants are never compared. */
  readonly tenantId: string
  readonly keys: readonly IdentityKey[]
}

/** Why two customers are one, or would be if a person had not said otherwise. Places in the list of candidates. */
export interface Link {
  readonly a: number
  readonly b: number
  readonly by: IdentityKey['by'] | 'verdict'
  /** What both have; null for what a person said. */
  readonly value: string | null
  readonly verdictId: string | null
}

/** Customers that are one, and how that is known: a link for each but the first. */
export interface Identity {
  readonly members: readonly number[]
  readonly links: readonly Link[]
  readonly heldApart: readonly Link[]
}

/** A value that too many have to say who somebody is. */
export interface IgnoredKey {
  readonly by: IdentityKey['by']
  readonly value: string
  readonly customers: number
}

/** What came of joining. */
export interface Joined {
  readonly identities: readonly Identity[]
  readonly ignored: readonly IgnoredKey[]
}

/** Most customers of one tenant that share a value; beyond that it is an address of a robot or a default. */
export const MOST_ALIKE = 50

/**
 * Joins customers that are the same: first by what persons said, then rule by rule. Two that a person called different never
 * come together, over others neither. The same customers give the same answer; nothing is kept.
 */
export function join(customers: readonly Candidate[], verdicts: readonly IdentityVerdict[]): Joined {
  const places = new Map(customers.map(({ place }, at) => [placeText(place), at]))
  const groups = new Groups(customers.length)
  const ignored: IgnoredKey[] = []
  for (const { id, pair, verdict } of verdicts) {
    const [a, b] = pair.map((place) => places.get(placeText(place)))
    if (a === undefined || b === undefined || customers[a]?.tenantId !== customers[b]?.tenantId) continue
    if (verdict === 'different') groups.keepApart(a, b, id)
  }
  for (const { id, pair, verdict } of verdicts) {
    const [a, b] = pair.map((place) => places.get(placeText(place)))
    if (a === undefined || b === undefined || customers[a]?.tenantId !== customers[b]?.tenantId) continue
    if (verdict === 'same') groups.link({ a, b, by: 'verdict', value: null, verdictId: id })
  }
  for (const { by, value, members } of alike(customers)) {
    if (members.length > MOST_ALIKE) ignored.push({ by, value, customers: members.length })
    else groups.linkAll(members, by, value)
  }
  return { identities: groups.all(), ignored }
}

const placeText = ({ accountId, customerId }: CustomerPlace): string => `${accountId}\n${customerId}`

interface Alike {
  readonly rule: number
  readonly by: IdentityKey['by']
  readonly value: string
  readonly members: number[]
}

/** What several customers of a tenant have in common, in the order of the rules. */
function alike(customers: readonly Candidate[]): readonly Alike[] {
  const found = new Map<string, Alike>()
  customers.forEach(({ tenantId, keys }, at) => {
    for (const { rule, by, value } of keys) {
      const text = JSON.stringify([tenantId, rule, value])
      const known = found.get(text)
      if (known === undefined) found.set(text, { rule, by, value, members: [at] })
      else known.members.push(at)
    }
  })
  const shared = [...found.values()].filter(({ members }) => members.length > 1)
  return shared.sort((x, y) => x.rule - y.rule || (x.members[0] ?? 0) - (y.members[0] ?? 0))
}

/** Groups that grow together, unless two in them are to be kept apart. */
class Groups {
  readonly #above: number[]
  readonly #links: Link[] = []
  readonly #heldApart: Link[] = []
  /** By the head of a group: who must not come into it, and by which verdict. */
  readonly #foes = new Map<number, Map<number, string>>()

  constructor(size: number) {
    this.#above = Array.from({ length: size }, (_, at) => at)
  }

  #head(at: number): number {
    let head = at
    while (this.#above[head] !== head) head = this.#above[head] as number
    for (let step = at; step !== head; ) {
      const above = this.#above[step] as number
      this.#above[step] = head
      step = above
    }
    return head
  }

  keepApart(a: number, b: number, verdictId: string): void {
    this.#foesOf(a).set(b, verdictId)
    this.#foesOf(b).set(a, verdictId)
  }

  #foesOf(head: number): Map<number, string> {
    const known = this.#foes.get(head) ?? new Map<number, string>()
    this.#foes.set(head, known)
    return known
  }

  /** Joins each with the first of those before it that it may be with. */
  linkAll(members: readonly number[], by: IdentityKey['by'], value: string): void {
    for (const [at, b] of members.entries()) {
      const refused = this.#linkToOne(members.slice(0, at), { b, by, value })
      if (refused !== null) this.#heldApart.push(refused)
    }
  }

  /** The first link that a verdict forbids when none is allowed; null when it is joined, is already, or is the first. */
  #linkToOne(before: readonly number[], to: Pick<Link, 'b' | 'by' | 'value'>): Link | null {
    let refused: Link | null = null
    for (const a of before) {
      if (this.#head(a) === this.#head(to.b)) return null
      const verdictId = this.#verdictBetween(a, to.b)
      if (verdictId === null) {
        this.#join({ a, ...to, verdictId: null })
        return null
      }
      refused ??= { a, ...to, verdictId }
    }
    return refused
  }

  link(link: Link): void {
    if (this.#head(link.a) === this.#head(link.b)) return
    const verdictId = this.#verdictBetween(link.a, link.b)
    if (verdictId === null) this.#join(link)
    else this.#heldApart.push({ ...link, verdictId })
  }

  /** The verdict that keeps the groups of two apart, or null. */
  #verdictBetween(a: number, b: number): string | null {
    const head = this.#head(b)
    for (const [foe, verdictId] of this.#foes.get(this.#head(a)) ?? []) if (this.#head(foe) === head) return verdictId
    return null
  }

  #join(link: Link): void {
    const [first, second] = [this.#head(link.a), this.#head(link.b)]
    const [head, other] = first < second ? [first, second] : [second, first]
    this.#above[other] = head
    const foes = this.#foes.get(other)
    if (foes !== undefined) for (const [foe, verdictId] of foes) this.#foesOf(head).set(foe, verdictId)
    this.#links.push(link)
  }

  /** All of them, singles too, in the order of their first members. */
  all(): readonly Identity[] {
    const found = new Map<number, { members: number[]; links: Link[]; heldApart: Link[] }>()
    const of = (at: number) => {
      const head = this.#head(at)
      const known = found.get(head) ?? { members: [], links: [], heldApart: [] }
      found.set(head, known)
      return known
    }
    for (let at = 0; at < this.#above.length; at++) of(at).members.push(at)
    for (const link of this.#links) of(link.a).links.push(link)
    for (const link of this.#heldApart) {
      of(link.a).heldApart.push(link)
      of(link.b).heldApart.push(link)
    }
    return [...found.values()]
  }
}
