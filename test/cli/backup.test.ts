import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../stores/backends.ts'
import { serve } from '../support/served.ts'
import { onefold } from './support.ts'

it('a backup is made, put back and let go on, and everybody who looks is told', async () => {
  const folder = tempFolder()
  const settings = { ONEFOLD_SANDBOX: 'off' }
  const first = await serve(folder, settings)
  onTestFinished(() => first.kill())
  const never = await onefold(folder, 'backup', 'status', '--url', `http://127.0.0.1:${first.port}`)
  expect(never.stdout).toContain('The database of default never came out of a backup')
  expect(await onefold(folder, 'backup', 'make', 'copy.db')).toMatchObject({ code: 0 })
  expect(await onefold(folder, 'backup', 'make', 'copy.db')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is something at copy.db already'),
  })
  expect(await onefold(folder, 'backup', 'restore', 'copy.db')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('store_locked'),
  })
  await first.stop()
  const restored = await onefold(folder, 'backup', 'restore', 'copy.db')
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('rules and messages to people wait') })
  const aside = /What was there before is (.*)\.\n/.exec(restored.stdout)?.[1] ?? ''
  expect(existsSync(resolve(folder, aside))).toBe(true)

  const second = await serve(folder, settings)
  onTestFinished(() => second.kill())
  const at = ['--url', `http://127.0.0.1:${second.port}`]
  const doctor = await onefold(folder, 'doctor', '--offline')
  expect(doctor.stdout).toMatch(/warn +restore +the database came out of a backup/)
  expect((await onefold(folder, 'rules', 'list', ...at)).stdout).toContain('onefold backup resume')
  expect((await onefold(folder, 'backup', 'status', ...at)).stdout).toContain('rules and messages to people wait')
  const metrics = await fetch(`http://127.0.0.1:${second.port}/metrics`)
  expect(await metrics.text()).toMatch(/^onefold_restores_waiting 1$/m)
  expect((await onefold(folder, 'backup', 'resume', ...at)).stdout).toContain('let go on at')
  expect(await onefold(folder, 'backup', 'resume', ...at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing waits in this environment'),
  })
  expect((await onefold(folder, 'doctor', '--offline')).stdout).not.toContain('restore')
  expect((await onefold(folder, 'rules', 'list', ...at)).stdout).toBe('')

  // Another program put it back: somebody says so.
  await second.stop()
  expect((await onefold(folder, 'backup', 'mark')).stdout).toContain('Rules and messages to people wait in default')
}, 120_000)
