// Everything captured, in IndexedDB, from the moment of capture until the server has acknowledged it.
//
// An item's `state`: draft (its form was not sent), waiting (to be delivered), refused (the server said it can never be
// taken as it is), sent. Its id is the idempotency key. `kind` is "post" or "recheck".
const NAME = 'netra', ITEMS = 'items', KEPT = 20;

let opened;

// A connection that failed or that the browser closed is not kept: the next call opens another.
function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(ITEMS, { keyPath: 'id' });
    request.onsuccess = () => {
      request.result.onclose = () => { opened = undefined; };
      resolve(request.result);
    };
    request.onerror = () => {
      opened = undefined;
      reject(request.error);
    };
  });
  return opened;
}

// Strict: what was captured lies on the disk when the call answers.
async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(ITEMS, mode, { durability: 'strict' });
    const request = act(transaction.objectStore(ITEMS));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const put = (item) => run('readwrite', (items) => items.put(item));
export const find = (id) => run('readonly', (items) => items.get(id));
export const remove = (id) => run('readwrite', (items) => items.delete(id));
export const all = async () =>
  (await run('readonly', (items) => items.getAll())).sort((a, b) => b.at.localeCompare(a.at));

// Change an item that is still there, while nobody else does. `changed`: what to set, or a function of the item that
// answers that, or null to leave it. Answers the item as it is then; undefined where it was left or is gone.
export async function change(id, changed) {
  let after;
  await run('readwrite', (items) => {
    items.get(id).onsuccess = ({ target: { result: item } }) => {
      const set = item && (typeof changed === 'function' ? changed(item) : changed);
      if (!set) return;
      after = { ...item, ...set };
      items.put(after);
    };
  });
  return after;
}

// Whether the person may still change it: nothing of it is on its way to the server.
export const isOpen = ({ state }) => state === 'draft' || state === 'refused';

// Of what the server has acknowledged the last twenty posts stay, without their pictures; the rest is the server's.
export async function tidy() {
  const sent = (await all()).filter((item) => item.state === 'sent' && item.kind === 'post');
  for (const item of sent.slice(KEPT)) await remove(item.id);
}
