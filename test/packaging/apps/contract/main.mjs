import { defineContract, type } from 'holdfast/contract'

export const contract = defineContract({
  requests: { sum: { params: type(), result: type() } },
  channels: { chat: { message: type() } },
})
