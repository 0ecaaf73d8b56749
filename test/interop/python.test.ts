import path from 'node:path'
import { findDebianPython } from '../../scripts/machine.mjs'
import { isMissing, startProgram } from './program.js'
import { describeServer } from './suite.js'

const python = findDebianPython()
const skip = isMissing('Python with websockets and Tornado', python, 'python3-websockets and python3-tornado')

for (const name of ['websockets', 'tornado']) {
  const script = path.join(import.meta.dirname, `servers/python/server_${name}.py`)
  // -B: leaves no compiled files beside the sources.
  describeServer(name, skip, (port, pingMs) => startProgram(python ?? '', ['-B', script, `${port}`, `${pingMs}`]))
}
