import Stripe from 'stripe'

export type Thing = Record<string, unknown> & { id: string }

/** What the official client offers for a resource; each part is there when the provider has it. */
interface Resource {
  create?(body: object): Promise<Thing>
  retrieve?(id: string): Promise<Thing>
  update?(id: string, body: object): Promise<Thing>
  del?(id: string): Promise<Thing>
  list?(query: object): AsyncIterable<Thing>
}

/** Records that rows build upon, made once in every world. */
export interface Ground {
  readonly customer: string
  readonly product: string
  readonly price: string
  readonly once: string
  readonly coupon: string
  readonly rate: string
  readonly account: string
  readonly file: string
  readonly charge: string
  readonly intent: string
  readonly subscription: string
  readonly item: string
  readonly invoice: string
  readonly transfer: string
  readonly fee: string
  readonly list: string
}

/** One resource: how the client reaches it, what is made and changed, and what else can be done. */
export interface Row {
  /** The provider's name of the object. */
  readonly kind: string
  readonly at: (stripe: Stripe, ground: Ground) => object
  readonly body?: (ground: Ground, number: number) => object
  readonly change?: object
  readonly query?: (ground: Ground) => object
  /** True when its list is not paged. */
  readonly isOnePage?: boolean
  /** Works on what was made, in order. */
  readonly verbs?: readonly ((stripe: Stripe, made: readonly Thing[], ground: Ground) => Promise<unknown>)[]
  /** What is refused; each must fail. */
  readonly refuses?: readonly ((stripe: Stripe, made: readonly Thing[], ground: Ground) => Promise<unknown>)[]
}

/** What the client was told of an error. */
export async function refusal(work: Promise<unknown>): Promise<object> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    const { type, code, param, message, statusCode, decline_code: declineCode } = error
    return { type, code, param, message, statusCode, declineCode }
  }
  throw new Error('nothing was refused')
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

async function toTheEnd(list: AsyncIterable<Thing>): Promise<Thing[]> {
  const all: Thing[] = []
  for await (const record of list) all.push(record)
  return all
}

/** Everything that the client saw of a resource: made, read, changed, listed to the end, refused, removed. */
export interface Seen {
  readonly made: readonly Thing[]
  readonly read: Thing | undefined
  readonly changed: Thing | undefined
  readonly listed: readonly Thing[]
  readonly verbs: readonly unknown[]
  readonly refused: readonly object[]
  readonly gone: readonly unknown[]
}

const MADE = 3

/** Puts one resource through all that the client can do with it. */
export async function judge(row: Row, stripe: Stripe, ground: Ground): Promise<Seen> {
  const resource = row.at(stripe, ground) as Resource
  const made: Thing[] = []
  for (let number = 1; row.body !== undefined && resource.create !== undefined && number <= MADE; number++)
    made.push(await resource.create(row.body(ground, number)))
  const query = row.isOnePage === true ? {} : { limit: 2, ...row.query?.(ground) }
  const listed = resource.list === undefined ? [] : await toTheEnd(resource.list(query))
  const first = made[0] ?? listed[0]
  const read =
    resource.retrieve === undefined || first?.id === undefined ? undefined : await resource.retrieve(first.id)
  const changed =
    resource.update === undefined || first === undefined || row.change === undefined
      ? undefined
      : await resource.update(first.id, row.change)
  const refused = await refusals(row, resource, query, made.length > 0 ? made : listed, stripe, ground)
  const verbs: unknown[] = []
  for (const verb of row.verbs ?? []) verbs.push(plain(await verb(stripe, made.length > 0 ? made : listed, ground)))
  const gone = resource.del === undefined || made[0] === undefined ? [] : await remove(resource, made[0].id)
  return plain({ made, read, changed, listed, verbs, refused, gone }) as Seen
}

async function refusals(
  row: Row,
  resource: Resource,
  query: object,
  made: readonly Thing[],
  stripe: Stripe,
  ground: Ground,
): Promise<object[]> {
  const found: object[] = []
  if (resource.retrieve !== undefined) found.push(await refusal(resource.retrieve('none_such')))
  if (resource.update !== undefined) found.push(await refusal(resource.update('none_such', { metadata: { a: 'b' } })))
  if (resource.create !== undefined) found.push(await refusal(resource.create({ shoes: 'red' })))
  if (resource.list !== undefined && row.isOnePage !== true) {
    found.push(await refusal(toTheEnd(resource.list({ ...query, limit: 0 }))))
    found.push(await refusal(toTheEnd(resource.list({ ...query, starting_after: 'none_such' }))))
  }
  for (const refused of row.refuses ?? []) found.push(await refusal(refused(stripe, made, ground)))
  return found
}

async function remove(resource: Resource, id: string): Promise<unknown[]> {
  const left = await resource.del?.(id)
  const after = resource.retrieve === undefined ? undefined : resource.retrieve(id)
  return [left, await after?.then(plain, () => 'not found')]
}

const TERMS = { tos_acceptance: { date: 1_790_000_000, ip: '192.0.2.1' } }

/** Makes what rows build upon. */
export async function lay(stripe: Stripe): Promise<Ground> {
  const customer = await stripe.customers.create({
    name: 'Ada',
    email: 'ada@example.com',
    payment_method: 'pm_card_visa',
  })
  const product = await stripe.products.create({ name: 'Plan' })
  const recurring = { interval: 'month' as const }
  const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 2000, recurring })
  const once = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 900 })
  const coupon = await stripe.coupons.create({ percent_off: 20, duration: 'forever' })
  const rate = await stripe.taxRates.create({ display_name: 'VAT', inclusive: false, percentage: 19 })
  const account = await stripe.accounts.create({
    type: 'custom',
    country: 'US',
    email: 'seller@example.com',
    capabilities: { card_payments: { requested: true }, transfers: { requested: true } },
    ...TERMS,
  })
  const file = await stripe.files.create({
    purpose: 'dispute_evidence',
    file: { data: Buffer.from('x'), name: 'x.txt', type: 'text/plain' },
  })
  const intent = await stripe.paymentIntents.create({
    amount: 9000,
    currency: 'usd',
    customer: customer.id,
    payment_method: 'pm_card_visa',
    confirm: true,
    application_fee_amount: 500,
    transfer_data: { destination: account.id },
  })
  const charge = await stripe.charges.retrieve(String(intent.latest_charge))
  await stripe.paymentIntents.create({
    amount: 700,
    currency: 'usd',
    payment_method: 'pm_card_createDispute',
    confirm: true,
  })
  await stripe.charges.create({ amount: 50_000, currency: 'usd', source: 'tok_visa' })
  const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })
  const list = await stripe.radar.valueLists.create({ alias: 'ground', name: 'Ground' })
  return {
    customer: customer.id,
    product: product.id,
    price: price.id,
    once: once.id,
    coupon: coupon.id,
    rate: rate.id,
    account: account.id,
    file: file.id,
    charge: charge.id,
    intent: intent.id,
    subscription: subscription.id,
    item: subscription.items.data[0]?.id ?? '',
    invoice: String(subscription.latest_invoice),
    transfer: String(charge.transfer),
    fee: String(charge.application_fee),
    list: list.id,
  }
}

/** Id of one of the records made; below zero counts from the end. */
export const idOf = (made: readonly Thing[], at: number): string => made.at(at)?.id ?? ''

export const NAMED = { metadata: { seen: 'yes' } }

/** A list below another record, by the client's names for it, such as `createPerson`. */
export function nested(owner: object, name: string, parent: string): object {
  const has = owner as Record<string, unknown>
  const call = (method: string) => {
    const found = has[method]
    if (typeof found !== 'function') return undefined
    return (...given: unknown[]) => (found as (...all: unknown[]) => unknown).call(owner, parent, ...given)
  }
  const parts = {
    create: `create${name}`,
    retrieve: `retrieve${name}`,
    update: `update${name}`,
    del: `delete${name}`,
    list: `list${name}s`,
  }
  const entries = Object.entries(parts).map(([key, method]) => [key, call(method)] as const)
  return Object.fromEntries(entries.filter(([, found]) => found !== undefined))
}
