#!/usr/bin/env node
import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { SETTINGS } from '../settings-table.ts'
import { approvalsCommand } from './approvals.ts'
import { backupCommand } from './backup.ts'
import { checkCommand } from './check.ts'
import { coverageCommand } from './coverage.ts'
import { diffCommand } from './diff.ts'
import { doctorCommand } from './doctor.ts'
import { exprCommand } from './expr.ts'
import { importCommand } from './import.ts'
import { initCommand } from './init.ts'
import { keysCommand } from './keys.ts'
import { mcpCommand } from './mcp.ts'
import { recordCommand } from './record.ts'
import { rulesCommand } from './rules.ts'
import { sandboxCommand } from './sandbox.ts'
import { serve } from './serve.ts'
import { exportCommand, syncCommand } from './sync.ts'
import { testCommand } from './test.ts'
import { tryCommand } from './try.ts'
import { webhooksCommand } from './webhooks.ts'

const WIDTH = 22

const settingsHelp = `
Settings (environment variables):
${SETTINGS.map((row) => `  ${row.name.padEnd(WIDTH)}${row.meaning}\n${' '.repeat(WIDTH + 2)}Default: ${row.default}.`).join('\n')}
`

function createProgram(): Command {
  const program = new Command('onefold')
    .description('An open, self-hosted engine for unified APIs: providers described wholly in YAML.')
    .showHelpAfterError('(onefold --help lists the commands)')
    .addHelpText(
      'after',
      `
Examples:
  onefold serve                          start on http://127.0.0.1:4000
  PORT=8080 onefold serve                on another port
  onefold check integrations             check definitions and run their cases
  onefold keys rotate                    move to a new master key while the server serves
  onefold backup make copy.db            copy the embedded database while the server serves
  onefold sync list                      what is synced; sync run and sync status follow
  onefold rules preview failed_payment   what a rule would have sent
  onefold mcp                            speak MCP over stdio, for agents
  onefold approvals list                 what agents asked for
  onefold sandbox acme                   serve the stand-in of a provider alone
  onefold init acme                      start a provider; import openapi takes one over
  onefold doctor                         what is wrong with this installation
  onefold try acme customers list        make one call and show where each field comes from
`,
    )
  program
    .command('serve')
    .description('start the server; it reads its settings from the environment')
    .addHelpText('after', settingsHelp)
    .action(() => serve(process.env))
  program.addCommand(checkCommand())
  program.addCommand(mcpCommand())
  program.addCommand(sandboxCommand())
  program.addCommand(keysCommand())
  program.addCommand(backupCommand())
  program.addCommand(approvalsCommand())
  program.addCommand(syncCommand())
  program.addCommand(exportCommand())
  program.addCommand(rulesCommand())
  program.addCommand(importCommand())
  program.addCommand(initCommand())
  program.addCommand(doctorCommand())
  program.addCommand(tryCommand())
  program.addCommand(recordCommand())
  program.addCommand(testCommand())
  program.addCommand(coverageCommand())
  program.addCommand(diffCommand())
  program.addCommand(exprCommand())
  program.addCommand(webhooksCommand())
  return program
}

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof EngineError)) throw error
  const { code, message, details } = error
  console.error(`${code}: ${message}`)
  if (details.hint !== undefined) console.error(`hint: ${details.hint}`)
  process.exitCode = 1
}
