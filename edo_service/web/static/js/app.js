// Behaviour that plain HTML lacks. Every page works without it; each module looks for its own attributes.
import { menus } from "./menus.js";
import { bulk } from "./bulk.js";
import { dialogs } from "./dialogs.js";
import { forms } from "./forms.js";
import { uploads } from "./uploads.js";

const start = (root) => {
  bulk(root);
  dialogs(root);
  forms(root);
  uploads(root);
};

menus(document);
start(document);
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(name, (event) => start(event.detail.target || event.detail.elt));
}
