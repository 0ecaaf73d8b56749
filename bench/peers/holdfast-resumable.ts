import { resumable } from '../../src/addons/resume/index.js'
import { holdfast } from './holdfast.js'

export default holdfast('holdfast, resumable', 'session', { session: resumable() })
