// A form of a list with boxes: count and sum of the chosen, range by Shift, "all on the page", Esc clears.
const kopecks = (text) => (text ? BigInt(text.replace(/[^\d−-]/g, "").replace("−", "-")) : 0n);

const roubles = (value) => {
  const digits = value.toString().padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
  return `${whole},${digits.slice(-2)}\u00a0₽`;
};

const form = (number, words) => {
  const [one, few, many] = words;
  const tens = number % 100;
  const units = number % 10;
  if (units === 1 && tens !== 11) return one;
  return units >= 2 && units <= 4 && !(tens >= 12 && tens <= 14) ? few : many;
};
const NOUNS = {
  документ: ["документ", "документа", "документов"],
  комплект: ["комплект", "комплекта", "комплектов"],
};

const prepare = (list) => {
  const bar = list.querySelector(".bulk");
  if (!bar || list.dataset.ready) return;
  list.dataset.ready = "1";
  const boxes = [...list.querySelectorAll('input[type="checkbox"][name="id"]')];
  const all = list.querySelector("[data-all]");
  const countLine = bar.querySelector("[data-bulk-count]");
  const sumLine = bar.querySelector("[data-bulk-sum]");
  const nouns = NOUNS[list.dataset.bulkNoun || "документ"];
  let last = null;

  const show = () => {
    const chosen = boxes.filter((box) => box.checked);
    bar.hidden = chosen.length === 0;
    for (const box of boxes) box.closest("tr").classList.toggle("on", box.checked);
    if (all) all.checked = chosen.length === boxes.length;
    countLine.textContent = `Выбрано ${chosen.length}`;
    if (sumLine) {
      const sum = chosen.reduce((total, box) => total + kopecks(box.dataset.sum), 0n);
      sumLine.textContent = sum ? ` · ${roubles(sum)}` : "";
    }
    for (const button of bar.querySelectorAll("[data-bulk-label]")) {
      const noun = form(chosen.length, nouns);
      button.textContent = button.dataset.bulkLabel.replace(/\{n\} \p{L}+/u, `${chosen.length} ${noun}`);
    }
  };
  const clear = () => {
    const focus = last;
    for (const box of boxes) box.checked = false;
    show();
    if (focus) focus.focus();
  };

  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
  }
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last && last !== box) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      show();
    });
  }
  list.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("details[data-menu][open], dialog[open]")) clear();
  });
  show();
};

export const bulk = (root) => {
  for (const list of root.querySelectorAll("form[data-bulk]")) prepare(list);
};
