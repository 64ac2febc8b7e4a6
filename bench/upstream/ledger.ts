import { customer } from './records.ts'

const NEWEST_S = 1_780_000_000
const APART_S = 60
const KINDS = 200
const MOST = 100

/** Texts of a few records, each to be given another id and instant. */
const TEMPLATES = Array.from({ length: KINDS }, (_, index) => {
  const record = customer(index)
  return { text: JSON.stringify(record), id: String(record.id), created: `"created":${record.created}` }
})

const idOf = (index: number): string => `cus_ledger${String(index).padStart(9, '0')}`

function textOf(index: number): string {
  const { text, id, created } = TEMPLATES[index % KINDS] as (typeof TEMPLATES)[number]
  return text.replaceAll(id, idOf(index)).replace(created, `"created":${NEWEST_S - index * APART_S}`)
}

/** A page of a list of many records, newest first, with bounds of creation time, as the provider of the benches gives it. */
export function ledgerPage(size: number, target: string): Buffer {
  const query = new URL(target, 'http://ledger').searchParams
  const [from, to, after] = [query.get('created[gte]'), query.get('created[lt]'), query.get('starting_after')]
  const last = from === null ? size - 1 : Math.min(size - 1, Math.floor((NEWEST_S - Number(from)) / APART_S))
  const bound = to === null ? 0 : Math.max(0, Math.floor((NEWEST_S - Number(to)) / APART_S) + 1)
  const first = after === null ? bound : Math.max(bound, Number(after.slice('cus_ledger'.length)) + 1)
  const end = Math.min(last + 1, first + Math.min(MOST, Number(query.get('limit') ?? 10)))
  const texts: string[] = []
  for (let index = first; index < end; index++) texts.push(textOf(index))
  return Buffer.from(`{"object":"list","data":[${texts.join(',')}],"has_more":${end <= last},"url":"/v1/customers"}`)
}
