// `npm run dev`: recompiles on every save and restarts the server; Ctrl-C ends both.
import { spawn, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const build = ['-p', 'tsconfig.build.json']
const inherit = { stdio: 'inherit' }
spawnSync('npm', ['run', '--silent', 'build'], inherit)
// Their mark of the code is of this build only, and the code is about to change.
rmSync('dist/definitions', { recursive: true, force: true })

const children = [
  spawn('tsc', [...build, '--watch', '--preserveWatchOutput'], inherit),
  spawn(process.execPath, ['--watch', '--watch-preserve-output', 'dist/server/cli/main.js', 'serve'], inherit),
]

function stop() {
  for (const child of children) child.kill()
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop)
for (const child of children) child.on('exit', stop)
