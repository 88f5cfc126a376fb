// A drop zone over our own file button: shows the names of what was chosen, takes dropped files.
const size = (bytes) => {
  if (bytes < 1024) return `${bytes}\u00a0Б`;
  if (bytes < 1048576) return `${Math.round(bytes / 1024)}\u00a0КБ`;
  return `${(bytes / 1048576).toFixed(1).replace(".", ",")}\u00a0МБ`;
};

export const uploads = (root) => {
  for (const zone of root.querySelectorAll("[data-drop]")) {
    const input = zone.querySelector('input[type="file"]');
    const line = zone.querySelector("[data-picked]");
    if (zone.dataset.ready) continue;
    zone.dataset.ready = "1";
    const show = () => {
      line.textContent = [...input.files].map((file) => `${file.name}, ${size(file.size)}`).join("; ");
    };
    input.addEventListener("change", show);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
  }
};
