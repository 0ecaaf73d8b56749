import { useRequest } from './live.js'

export function Forever() {
  const { isPending } = useRequest('forever')
  return <p id="forever">{isPending ? 'waiting' : 'done'}</p>
}
