// Another process over the same data folder: `node child.mjs <command> <folder> [role]`. It ends when its stdin does.
import { once } from 'node:events'
import { embeddedMasterKey, openStores } from '../../dist/server/stores/index.js'

const [command, dataDir, role] = process.argv.slice(2)
const say = (text) => process.stdout.write(`${text}\n`)
const masterKey = () => embeddedMasterKey(dataDir).value.reveal()

async function open() {
  const stores = await openStores({ dataDir, masterKeys: [masterKey()], role })
  say('open')
  await once(process.stdin.resume(), 'end')
  await stores.close()
}

const commands = { key: () => say(masterKey()), open }

try {
  await commands[command]()
} catch (error) {
  say(error.code)
}
