// undici's pool of kept-alive connections, one request at a time on each.
import { Pool } from 'undici'

const headers = { 'content-type': 'application/json' }

export async function connect({ port }, { callersMax }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: callersMax })
  const call = (path) => async (order) => {
    const reply = await pool.request({ path, method: 'POST', headers, body: JSON.stringify(order) })
    if (reply.statusCode !== 200) throw new Error(`status ${reply.statusCode}`)
    return await reply.body.json()
  }
  return {
    place: call('/place'),
    placeSlowly: call('/place-slowly'),
    close: () => pool.close(),
  }
}
