// count.tsx
import { useStream } from './live.js'

export function Count({ to }: { to: number }) {
  const { data, error, isPending } = useStream('count', { to }, (text, number) => `${text} ${number}`, 'Counted')
  return <p id="count">{error ? error.message : `${data}${isPending ? ' …' : '.'}`}</p>
}
