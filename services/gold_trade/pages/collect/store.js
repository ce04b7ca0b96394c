// What the device keeps: itself, and every record with its number. One transaction numbers a record and stores it, so there is no hole.

const DURABLE = { durability: "strict" };        // on the disk, not on its way there: batteries end without a warning
let opening;

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("sanu-collect", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("device");
      request.result.createObjectStore("records", { keyPath: "sequence" }).createIndex("status", "status");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

// `work` may await nothing but this transaction's own requests: IndexedDB ends a transaction that waits for anything else.
async function write(work) {
  const transaction = (await database()).transaction(["device", "records"], "readwrite", DURABLE);
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const result = await work(transaction.objectStore("device"), transaction.objectStore("records"));
  await ended;
  return result;
}

async function read(store) {
  return (await database()).transaction(store).objectStore(store);
}

export const device = async () => done((await read("device")).get("me"));

// The first one wins, also when two tabs open at once.
export const begin = (fresh) => write(async (devices) => {
  const known = await done(devices.get("me"));
  if (!known) await done(devices.put({ ...fresh, next: 1 }, "me"));
  return known ?? { ...fresh, next: 1 };
});

export const change = (fields) => write(async (devices) => {
  const now = { ...(await done(devices.get("me"))), ...fields };
  await done(devices.put(now, "me"));
  return now;
});

export const add = (command, body) => write(async (devices, records) => {
  const me = await done(devices.get("me"));
  const record = { sequence: me.next, recorded_there: new Date().toISOString(), command, body, status: "waiting" };
  await done(records.add(record));
  await done(devices.put({ ...me, next: me.next + 1 }, "me"));
  return record;
});

export const keep = (sequence, fields) => write(async (_, records) => {
  const now = { ...(await done(records.get(sequence))), ...fields };
  await done(records.put(now));
  return now;
});

// What the server said of a record. Only a waiting one is settled, so an answer that comes twice changes nothing.
export const settle = (results) => write(async (_, records) => {
  for (const { sequence, status, problem } of results) {
    const record = await done(records.get(sequence));
    if (record?.status !== "waiting") continue;
    const now = { recorded: "sent", repeated: "sent", refused: "refused" }[status] ?? "waiting";
    await done(records.put({ ...record, status: now, problem: now === "sent" ? undefined : problem }));
  }
});

export const waiting = async (most) => done((await read("records")).index("status").getAll("waiting", most));
export const all = async () => done((await read("records")).getAll());
export const one = async (sequence) => done((await read("records")).get(sequence));
