// The open contests, and as they were when the server was last reached: the form works without a network.
import { api } from './api.js';
import { Refusal, openContests } from './server.js';

export const knownContests = async () => (await api.storage.local.get({ contests: [] })).contests;

// As the server has them now; those known before where it cannot be asked.
export async function contests() {
  try {
    const found = await openContests();
    await api.storage.local.set({ contests: found });
    return found;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return knownContests();
  }
}
