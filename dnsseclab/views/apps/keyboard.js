/**
 * JupyterLab takes arrow keys and Enter away from the outputs of a cell; an element that has the focus and
 * carries this attribute keeps them. Escape hands the keys back to the notebook.
 */
function keepKeys(root) {
  if (root.dataset.dlKeys) return;
  root.dataset.dlKeys = "kept";
  root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.closest(".jp-Cell")?.focus();
  });
}
