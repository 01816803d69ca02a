// Asking the background for something. It may be ended by the browser before it answers: what is to be done lies in the
// store by then, and an alarm goes on with it.
import { api } from './api.js';

// True once it is done.
export async function ask(act, more = {}) {
  try {
    return Boolean((await api.runtime.sendMessage({ act, ...more }))?.done);
  } catch {
    return false;
  }
}
