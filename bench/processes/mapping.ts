import { deepStrictEqual } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import type { Cook } from '../../engine/expression/index.ts'
import { planOf } from '../../engine/mapping/plan.ts'
import { loadDefinitions } from '../../server/load-definitions.ts'
import * as bestCustomers from '../handwritten/best/customers.ts'
import * as bestInvoices from '../handwritten/best/invoices.ts'
import * as bestPayments from '../handwritten/best/payments.ts'
import type { Given } from '../handwritten/natives.ts'
import * as plainCustomers from '../handwritten/plain/customers.ts'
import * as plainInvoices from '../handwritten/plain/invoices.ts'
import * as plainPayments from '../handwritten/plain/payments.ts'
import { answerParent } from '../harness/answer.ts'
import { PROVIDER } from '../harness/installation.ts'
import { Interpreted } from '../harness/interpreted.ts'
import { repeat } from '../harness/usage.ts'
import { invoice, products, taxRates } from '../upstream/invoices.ts'
import { PAGE } from '../upstream/pages.ts'
import { customer, type Json, paymentIntent } from '../upstream/records.ts'

// One mapping in a process, made in four ways over the same page: compiled, by hand, by hand and fast, and interpreted.
type Hand = (native: Json, given: Given) => object

interface Subject {
  readonly model: string
  readonly resource: string
  readonly make: (index: number) => Json
  readonly plain: Hand
  readonly best: Hand
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  payment: {
    model: 'payment-gateway',
    resource: 'payments',
    make: paymentIntent,
    plain: plainPayments.payment as unknown as Hand,
    best: bestPayments.payment as unknown as Hand,
  },
  customer: {
    model: 'payment-gateway',
    resource: 'customers',
    make: customer,
    plain: plainCustomers.customer as unknown as Hand,
    best: bestCustomers.customer as unknown as Hand,
  },
  invoice: {
    model: 'subscription-management',
    resource: 'invoices',
    make: invoice,
    plain: plainInvoices.invoice as unknown as Hand,
    best: bestInvoices.invoice as unknown as Hand,
  },
}

/** Maps the page once. */
type Side = () => unknown
let sides: Readonly<Record<string, Side>> = {}

const lookups = (): Json => ({ products: products(), tax_rates: taxRates() })

const handed = (): Given => ({
  livemode: true,
  disputes: [],
  refunds: [],
  lines: [],
  payments: [],
  intents: [],
  charges: [],
  ...(JSON.parse(JSON.stringify(lookups())) as Pick<Given, 'products' | 'tax_rates'>),
})

async function prepare(name: string): Promise<void> {
  const subject = SUBJECTS[name]
  if (subject === undefined) throw new Error(`there is no mapping '${name}'`)
  const { catalog, issues } = await loadDefinitions([])
  const resource = catalog?.models.get(subject.model)?.resources.get(subject.resource)
  const integration = catalog?.integrations.get(PROVIDER)
  const mapping = integration?.mappings.get(`${subject.model}/${subject.resource}`)
  if (resource === undefined || integration === undefined || mapping === undefined) throw new Error(issues)
  const moneyForm = [...integration.operations.values()][0]?.money
  const variables = {
    source: 'list',
    parent: null,
    lookup: lookups(),
    account: { livemode: true, traits: {} },
    api_version: integration.apiVersion?.value ?? null,
    money_form: moneyForm,
  }
  const { specs, way } = planOf(mapping, resource, { fields: undefined, always: ['id'] }).layered([])
  const found = way()
  if (!('cook' in found)) throw new Error(`the mapping is not compiled: ${found.reason}`)
  const page = JSON.parse(JSON.stringify(Array.from({ length: PAGE }, (_, index) => subject.make(index)))) as Json[]
  const interpreted = new Interpreted(moneyForm)
  const given = handed()
  const { cook } = found
  const { plain, best } = subject
  const inOrder = async () => {
    const all: unknown[] = []
    for (const native of page) all.push(await interpreted.fields(specs, native, variables))
    return all
  }
  sides = {
    compiled: () => page.map((native) => (cook as Cook)(native, variables)),
    plain: () => page.map((native) => plain(native, given)),
    best: () => page.map((native) => best(native, given)),
    jsonata: inOrder,
  }
  check(sides.compiled?.() as Json[], await inOrder())
}

/** All ways give the same; of what was interpreted field by field, the fields that are single values or missing. */
function check(compiled: readonly Json[], interpreted: readonly unknown[]): void {
  for (const side of ['plain', 'best']) {
    const made = sides[side]?.() as readonly unknown[]
    for (const [at, record] of compiled.entries()) deepStrictEqual(made[at], record, `${side} differs in record ${at}`)
  }
  let compared = 0
  for (const [at, record] of compiled.entries()) {
    for (const [name, value] of Object.entries(interpreted[at] as Json)) {
      if (name.includes('.') || (typeof value === 'object' && value !== null)) continue
      compared += 1
      if (isDeepStrictEqual(record[name], value ?? null)) continue
      throw new Error(`interpreted, \`${name}\` of record ${at} is ${value}, not ${record[name]}`)
    }
  }
  if (compared < 10 * PAGE) throw new Error('too few fields to compare')
}

answerParent({
  prepare: (name: string) => prepare(name),
  repeat: ({ side, ms }: { side: string; ms: number }) =>
    repeat(async () => {
      await sides[side]?.()
    }, ms),
})
