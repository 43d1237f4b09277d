// Signing out wipes what the station keeps on this device. Scans that were not sent would be lost with it, so they
// are asked about first.

for (const form of document.querySelectorAll("form[data-signs-out]")) {
  form.addEventListener("submit", async (event) => {
    if (form.dataset.wiped) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      const [idb, { Outbox, forget, kept }] = await Promise.all([import(form.dataset.idb), import(form.dataset.outbox)]);
      if (await kept()) {
        const box = await Outbox.open(idb, 0);
        const unsent = await box.waitingOfOthers();
        box.db.close();
        if (unsent && !confirm(form.dataset.unsent.replace("%n", unsent))) return;
      }
      await forget(idb);
    } catch { /* A browser that keeps nothing has nothing to wipe. */ }
    form.dataset.wiped = "1";
    form.requestSubmit();
  }, true);
}
