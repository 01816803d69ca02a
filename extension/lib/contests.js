// The open contests, as they were when the server was last reached: the form works without a network.
import { api } from './api.js';
import { Refusal, openContests } from './server.js';

export async function contests() {
  try {
    const found = await openContests();
    await api.storage.local.set({ contests: found });
    return found;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return (await api.storage.local.get({ contests: [] })).contests;
  }
}
