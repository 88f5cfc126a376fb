// A link with data-dialog opens the <dialog> instead of the page that says the same. Focus goes to the heading, Tab stays
// inside (native), Esc and the close button are the same, focus returns to the opener (native).
export const dialogs = (root) => {
  for (const opener of root.querySelectorAll("[data-dialog]")) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog || opener.dataset.ready) continue;
    opener.dataset.ready = "1";
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      dialog.showModal();
      dialog.querySelector("[tabindex='-1']")?.focus();
    });
  }
  for (const closer of root.querySelectorAll("[data-close]")) {
    closer.hidden = false;
    closer.addEventListener("click", () => {
      const dialog = closer.closest("dialog");
      if (dialog) dialog.close();
      else closer.closest(".toast").remove();
    });
  }
};
