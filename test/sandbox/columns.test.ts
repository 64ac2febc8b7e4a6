import { expect, it } from 'vitest'
import type { Operation } from '../../engine/index.ts'
import { readParameters } from '../../server/sandbox/parameters.ts'

const operation = {
  parameters: new Map([['items', { in: 'body', type: 'array', items: 'object', required: true }]]),
  request: { form: 'columnar', arrays: 'repeat' },
} as unknown as Operation
const read = (items: unknown): unknown => readParameters({ items }, operation, 'body', {}, true, new Set())

it('a list of objects that came by column is rows, some of which lack a column', () => {
  expect(read({ price: ['a', 'b', 'c'], count: { '2': '7', '1': '3' } })).toEqual({
    items: [{ price: 'a' }, { price: 'b', count: '3' }, { price: 'c', count: '7' }],
  })
})

it('a list by row stays, and a text is no list', () => {
  expect(read([{ price: 'a' }])).toEqual({ items: [{ price: 'a' }] })
  expect(() => read('a')).toThrow()
})
