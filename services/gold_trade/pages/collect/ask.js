// A request with the device's token: nothing of the answer is kept by the browser, no cookie goes along, and it is sent nowhere else.
export const ask = (path, token, patience_ms, more = {}) => fetch(path, {
  cache: "no-store", credentials: "omit", redirect: "error", signal: AbortSignal.timeout(patience_ms), ...more,
  headers: { ...more.headers, Authorization: `Bearer ${token}` },
});
