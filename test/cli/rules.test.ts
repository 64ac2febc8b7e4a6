import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { openDesk } from '../rules/desk.ts'
import { ROOT } from '../support/house.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'

const run = promisify(execFile)
const RULE = `on: [payment.failed]
steps:
  - do: [{ slack: { to: desk, text: '{{ data.id }} failed' } }]
  - { after: 3d, do: [{ note: { text: still }}] }
`

it('rules are listed, checked and previewed, and runs shown and steered', async () => {
  const desk = await openDesk({ alert: RULE })
  await desk.happen({})
  await desk.idle()
  const options = { cwd: ROOT, env: plainEnvironment({ ONEFOLD_TOKEN: 'admin-token-of-the-tests' }) }
  const onefold = async (...args: string[]) => (await run(process.execPath, [MAIN, 'rules', ...args], options)).stdout
  const at = ['--url', desk.stand.url]
  expect(await onefold('list', ...at)).toBe('alert  payment.failed  2 steps  A rule.\n')
  expect(await onefold('preview', 'alert', ...at)).toContain('step 1  slack  desk  pay\u2060_1 failed')
  const file = join('test', 'rules', 'definitions', 'rules', 'unpaid_invoice.yaml')
  expect(await onefold('preview', file, '--days', '7', ...at)).toMatch(
    /^0 of \d+ events of 7 days would start a run\n$/,
  )
  const [{ id }] = (await desk.runs()) as [{ id: string }]
  expect(await onefold('runs', '--status', 'active', ...at)).toContain(
    `${id}  alert  payments/pay_1  active  step 2 at 2026`,
  )
  expect(await onefold('skip', id, ...at)).toContain(`${id}  alert  payments/pay_1  done`)
  expect(JSON.parse(await onefold('show', id, '--json', ...at))).toMatchObject({ id, messages: [{ status: 'sent' }] })
  await expect(onefold('stop', id, ...at)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('conflict'),
  })
  expect(await onefold('check', join('test', 'rules', 'definitions'))).toBe('0 errors in 1 rule\n')
}, 60_000)
