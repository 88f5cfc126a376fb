// <details data-menu>: Esc closes and gives the focus back to the summary, a click outside closes, one open at a time.
export const menus = (root) => {
  const open = () => [...root.querySelectorAll("details[data-menu][open]")];

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.preventDefault();
    }
  });
  root.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
};
