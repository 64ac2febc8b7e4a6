import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askFor, type Given } from '../../server/kit/init/ask.ts'

/** Answers each question with the next line; what was asked is told. */
async function converse(given: Given, ...lines: readonly string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const asked: string[] = []
  const left = [...lines]
  output.on('data', (chunk) => {
    const text = String(chunk)
    if (!/: $/.test(text)) return
    asked.push(text)
    const line = left.shift()
    if (line === undefined) input.end()
    else input.write(`${line}\n`)
  })
  const answers = await askFor('acme', given, { input, output })
  return { answers, asked }
}

it('asks for what is not given, and takes what usually holds for an empty line', async () => {
  const { answers, asked } = await converse({ auth: 'basic' }, '', 'https://api.acme.test/v1/', 'refunds', '')
  expect(asked.map((text) => /^[A-Z][a-z]+(?: [a-z]+)?/.exec(text)?.[0])).toEqual([
    'Name as',
    'Address of',
    'First native',
    'Unified model',
  ])
  expect(answers).toMatchObject({
    label: 'Acme',
    baseUrl: 'https://api.acme.test/v1',
    auth: 'basic',
    resource: 'refunds',
    target: { model: 'payment-gateway', name: 'refunds' },
  })
})

it('asks what a resource of another name is mapped into', async () => {
  const { answers } = await converse(
    { label: 'A', baseUrl: 'https://acme.test', auth: 'bearer' },
    'bills',
    'subscription-management',
    'invoices',
  )
  expect(answers.target).toMatchObject({ model: 'subscription-management', name: 'invoices' })
})

it('names the flag when somebody leaves in the middle, and without a terminal', async () => {
  await expect(converse({}, 'Acme')).rejects.toThrow('--base-url is missing')
  await expect(askFor('acme', {}, null)).rejects.toThrow('--base-url is missing')
})
