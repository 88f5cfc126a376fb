// Forms: the summary of errors gets the focus, a sent form shows that it is busy and is not sent twice, a command can be
// copied, fields that belong to another kind of document are put away.
const busy = (form) => {
  if (form.dataset.ready) return;
  form.dataset.ready = "1";
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter || form.querySelector("button");
    if (!button) return;
    button.dataset.words = button.textContent;
    button.textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  });
};

// Back from the next page: the browser may show this one as it was left.
const wake = () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[data-words]")) {
      button.textContent = button.dataset.words;
      button.removeAttribute("aria-disabled");
    }
  }
};
window.addEventListener("pageshow", (event) => event.persisted && wake());

const copy = (button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.lastChild.textContent = "Скопировано";
  });
};

const kinds = (section) => {
  const choices = [...section.form.querySelectorAll('input[name="kind"]')];
  const show = () => {
    section.hidden = !choices.some((choice) => choice.checked && choice.value === section.dataset.forKind);
  };
  for (const choice of choices) choice.addEventListener("change", show);
  show();
};

export const forms = (root) => {
  root.querySelector("[data-focus]")?.focus();
  for (const form of root.querySelectorAll("form[data-busy]")) busy(form);
  for (const button of root.querySelectorAll("[data-copy]")) copy(button);
  for (const section of root.querySelectorAll("fieldset[data-for-kind]")) kinds(section);
};
