import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { unifiedDiff } from '../../server/kit/line-diff.ts'
import { MAIN, plainEnvironment } from '../support/served.ts'
import { openDesk } from './desk.ts'

const MAPPING = 'mappings/payment-gateway.yaml'
const silent = () => ({})

it('counts cases, and shows what comes out otherwise as a unified diff', async () => {
  const desk = await openDesk(silent)
  expect(await desk.run('test', 'quarry')).toMatchObject({ code: 0, stdout: '8 passed, 0 failed\n' })
  desk.change(
    MAPPING,
    '      name: full_name\n      email: mail\n      description',
    '      name: mail\n      description',
  )
  const { code, stdout } = await desk.run('test', 'quarry', '--filter', 'one client')
  expect(code).toBe(1)
  expect(stdout).toMatch(/✗ One client {2}defs\/integrations\/quarry\/cases\/customers\.yaml:\d+/)
  expect(stdout).toContain('-  name: Ada King\n')
  expect(stdout).toContain('+  name: ada@example.com\n')
  expect(stdout).toContain('0 passed, 1 failed')
  const { passed, failed, cases } = JSON.parse((await desk.run('test', 'quarry', '--json')).stdout)
  expect({ passed, failed }).toEqual({ passed: 5, failed: 3 })
  expect(cases.find(({ name }: { name: string }) => name === 'One client')).toMatchObject({ passed: false })
})

it('is not content with nothing', async () => {
  const desk = await openDesk(silent)
  const none = await desk.run('test', 'quarry', '--filter', 'no such thing')
  expect([none.code, none.stderr]).toEqual([1, "No case has 'no such thing' in its name, resource or file.\n"])
  rmSync(join(desk.folder, 'defs/integrations/quarry/cases'), { recursive: true })
  const { code, stdout, stderr } = await desk.run('test', 'quarry')
  expect([code, stdout]).toEqual([1, '0 passed, 0 failed\n'])
  expect(stderr).toContain('There are no cases. Write them in cases/*.yaml')
})

it('writes down what came out when it is told to, and leaves the rest of the file alone', async () => {
  const desk = await openDesk(silent)
  desk.change(MAPPING, '      description: note\n', '      description: full_name\n')
  const before = desk.read('cases/customers.yaml')
  const { code, stdout } = await desk.run('test', 'quarry', '--update')
  expect(code).toBe(0)
  expect(stdout).toContain('+  description: Ada King')
  const after = desk.read('cases/customers.yaml')
  expect(
    unifiedDiff(before, after, ['before', 'after'])
      .split('\n')
      .filter((line) => /^[-+] .*(verb|body|call):/.test(line)),
  ).toEqual([])
  expect(await desk.run('test', 'quarry')).toMatchObject({ code: 0, stdout: '8 passed, 0 failed\n' })
})

it('leaves a case alone whose requests went wrong', async () => {
  const desk = await openDesk(silent)
  desk.change('cases/customers.yaml', 'path: /api/clients/9 }', 'path: /api/people/9 }')
  const before = desk.read('cases/customers.yaml')
  const { code, stdout } = await desk.run('test', 'quarry', '--update')
  expect(code).toBe(1)
  expect(stdout).toContain('no exchange expects GET /api/clients/9')
  expect(desk.read('cases/customers.yaml')).toBe(before)
})

it('plays what changed again on every save', async () => {
  const desk = await openDesk(silent)
  const args = [MAIN, 'test', 'quarry', '--watch', '--definitions', 'defs']
  const child = spawn(process.execPath, args, {
    cwd: desk.folder,
    env: plainEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      const look = () => said.includes(text) && resolve()
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look)
      look()
    })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  await until('Watching')
  desk.change(
    'cases/customers.yaml',
    "id: '9', name: Ada King, email: ada@example.com, created_at: '2026-03-02T09:00:00Z', is_deleted: false }\n        - { id: '8'",
    "id: '9', name: Eve, email: ada@example.com, created_at: '2026-03-02T09:00:00Z', is_deleted: false }\n        - { id: '8'",
  )
  await until('3 passed, 1 failed')
  desk.change(MAPPING, '      name: full_name\n      email', '      name: (\n      email')
  await until('The definitions are not valid')
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGINT')
  expect(await ended).toBe(0)
}, 60_000)

it.each([
  ['', '', ''],
  ['a\nb\nc', 'a\nx\nc', '--- old\n+++ new\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c'],
  ['a', 'a\nb', '--- old\n+++ new\n@@ -1,1 +1,2 @@\n a\n+b'],
])('the diff of %j and %j', (before, after, diff) => {
  expect(unifiedDiff(before, after, ['old', 'new'])).toBe(diff)
})
