import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, join, MOST_ALIKE } from '../../server/identity/join.ts'
import { keysOf } from '../../server/identity/rules.ts'
import type { IdentityRule } from '../../server/stores/environments.ts'
import type { IdentityVerdict } from '../../server/stores/identity-verdicts.ts'

const EMAIL: IdentityRule = { by: 'email' }

const place = (id: string, accountId = `acme-${id}`) => ({ accountId, customerId: id })

function candidates(
  given: readonly (readonly [id: string, emails: readonly string[], tenant?: string])[],
): Candidate[] {
  return given.map(([id, emails, tenantId = 't']) => ({
    place: place(id),
    tenantId,
    keys: emails.map((value) => ({ rule: 0, by: 'email' as const, value })),
  }))
}

const verdict = (a: string, b: string, said: 'same' | 'different'): IdentityVerdict => ({
  ...{ id: `${a}${b}`, pair: [place(a), place(b)], verdict: said, note: null, madeBy: 'token:t', createdAt: 1 },
})

describe('what a customer is recognised by', () => {
  it.each([
    ['an address, whatever its case', { email: ' Jo@Example.COM ' }, EMAIL, ['jo@example.com']],
    ['nothing in what is no address', { email: 'jo at example' }, EMAIL, []],
    ['nothing in an empty address', { email: '' }, EMAIL, []],
    ['the digits of a number', { phone: '+49 (30) 123-4567' }, { by: 'phone' }, ['+49301234567']],
    ['a number without its country is another one', { phone: '030 1234567' }, { by: 'phone' }, ['0301234567']],
    ['nothing in a short number', { phone: '110' }, { by: 'phone' }, []],
    ['the domain of an address', { email: 'jo@Sub.Example.com' }, { by: 'domain', except: [] }, ['sub.example.com']],
    ['not that of a public mailbox', { email: 'jo@gmail.com' }, { by: 'domain', except: [] }, []],
    ['nor one that is excepted', { email: 'jo@acme.test' }, { by: 'domain', except: ['ACME.test'] }, []],
    [
      'any of the keys',
      { metadata: { crm: ' 7 ', ref: 8 } },
      { by: 'metadata', keys: ['ref', 'crm', 'no'] },
      ['8', '7'],
    ],
    ['only own keys', { metadata: {} }, { by: 'metadata', keys: ['constructor'] }, []],
    ['no lists or objects', { metadata: { crm: ['7'] } }, { by: 'metadata', keys: ['crm'] }, []],
  ] as const)('%s', (_, customer, rule, values) => {
    expect(keysOf(customer, [rule as IdentityRule]).map(({ value }) => value)).toEqual(values)
  })
})

describe('joining customers', () => {
  it('says why each is there', () => {
    const { identities } = join(
      candidates([
        ['a', ['x']],
        ['b', ['x', 'y']],
        ['c', ['z']],
        ['d', ['y']],
      ]),
      [],
    )
    expect(identities.map(({ members }) => members)).toEqual([[0, 1, 3], [2]])
    expect(identities[0]?.links).toEqual([
      { a: 0, b: 1, by: 'email', value: 'x', verdictId: null },
      { a: 1, b: 3, by: 'email', value: 'y', verdictId: null },
    ])
  })

  it('never joins over tenants, even when a person says so', () => {
    const customers = candidates([
      ['a', ['x']],
      ['b', ['x'], 'other'],
    ])
    expect(join(customers, [verdict('a', 'b', 'same')]).identities).toHaveLength(2)
  })

  it('lets a value that too many have say nothing, and tells of it', () => {
    const many = Array.from({ length: MOST_ALIKE + 1 }, (_, at) => [String(at).padStart(3, '0'), ['x']] as const)
    expect(join(candidates(many), [])).toMatchObject({
      ignored: [{ by: 'email', value: 'x', customers: MOST_ALIKE + 1 }],
    })
    expect(join(candidates(many), []).identities).toHaveLength(MOST_ALIKE + 1)
    expect(join(candidates(many.slice(1)), []).identities).toHaveLength(1)
  })

  it('takes the word of a person before that of a rule', () => {
    const customers = candidates([
      ['a', ['x']],
      ['b', ['x']],
      ['c', ['x']],
      ['d', []],
    ])
    const { identities } = join(customers, [verdict('a', 'b', 'different'), verdict('b', 'd', 'same')])
    expect(identities.map(({ members }) => members)).toEqual([
      [0, 2],
      [1, 3],
    ])
    expect(identities[0]?.heldApart).toEqual([{ a: 0, b: 1, by: 'email', value: 'x', verdictId: 'ab' }])
    expect(identities[1]?.heldApart).toEqual(identities[0]?.heldApart)
  })

  it('gives everybody one place, never puts apart together, links as many as it joins, whatever is said', () => {
    const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const id = fc.constantFrom(...ids)
    const said = fc.tuple(id, id, fc.constantFrom('same' as const, 'different' as const))
    const emails = fc.tuple(...ids.map(() => fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 2 })))
    fc.assert(
      fc.property(emails, fc.array(said, { maxLength: 6 }), (given, all) => {
        const pairs = new Map(all.filter(([a, b]) => a < b).map(([a, b, what]) => [a + b, verdict(a, b, what)]))
        const customers = candidates(ids.map((one, at) => [one, given[at] ?? []]))
        const { identities } = join(customers, [...pairs.values()])
        expect(identities.flatMap(({ members }) => members).sort()).toEqual(ids.map((_, at) => at))
        for (const { members, links } of identities) {
          expect(links).toHaveLength(members.length - 1)
          const told = new Set(links.flatMap(({ a, b }) => [a, b]))
          expect(members.every((at) => members.length === 1 || told.has(at))).toBe(true)
          const inside = members.map((at) => ids[at])
          for (const { pair, verdict: what } of pairs.values()) {
            const both = pair.every(({ customerId }) => inside.includes(customerId))
            if (what === 'different') expect(both).toBe(false)
          }
        }
        expect(join(customers, [...pairs.values()])).toEqual(join(customers, [...pairs.values()]))
      }),
    )
  })
})
