// Everything captured, in IndexedDB, from the moment of capture until the server has acknowledged it.
//
// An item's `state`: draft (its form was not sent), waiting (to be delivered), refused (the server said it can never be
// taken as it is), sent. Its id is the idempotency key. `kind` is "post" or "recheck".
const NAME = 'netra', ITEMS = 'items', KEPT = 20;

let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(ITEMS, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run(mode, act) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(ITEMS, mode);
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

// Change an item that is still there.
export async function change(id, changed) {
  const item = await find(id);
  if (item) await put({ ...item, ...changed });
}

// Of what the server has acknowledged the last twenty posts stay, without their pictures; the rest is the server's.
export async function tidy() {
  const sent = (await all()).filter((item) => item.state === 'sent');
  const posts = sent.filter((item) => item.kind === 'post');
  const gone = [...posts.slice(KEPT), ...sent.filter((item) => item.kind !== 'post')];
  for (const item of gone) await remove(item.id);
}
